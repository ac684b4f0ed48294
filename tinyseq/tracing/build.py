"""From what was recorded to the rows of a ledger.

A number becomes a row if a line gives it a name, or if another equation reads it. What stands between, f * c on the way
to f * c + i * g, is kept as the steps of the row that it leads to; and so is what no equation counts, as where a single
query is made a row of queries.
"""
from typing import Any

from tinyseq.autograd import Tensor, gradients
from tinyseq.backend import to_device, to_host
from tinyseq.layers.module import Module
from tinyseq.rowgrad import dense
from tinyseq.tracing.axes import given_axes, named_axes, parameter_axes
from tinyseq.tracing.derivatives import backward_places
from tinyseq.tracing.recorder import Call, Execution, Recorder
from tinyseq.tracing.rows import BackwardRow, Inner, Row, Step, Use, Value
from tinyseq.tracing.source import Equation, equations
from tinyseq.tracing.symbols import UNCHANGED, assigned, bare, derived, indexed, layer_of


class Builder:
    """Made of a recorder, the model and the loss; `rows`, `backward` and `parameters` are what it builds."""

    def __init__(self, recorder: Recorder, model: Module, loss: Tensor):
        self.model, self.loss = model, loss
        self.made_by = {id(y): (call, slot) for call in recorder.calls for slot, y in enumerate(call.outputs)}
        self.calls = self._leading_to_the_loss(recorder.calls)
        self.parameters = {id(p): self._parameter(name, p) for name, p in model.named_parameters()}
        self.values: dict[int, Value] = {}
        self.steps: dict[int, Step] = {}                   # by the call's id
        self.row_of: dict[int, Row] = {}                   # by the tensor's id
        self.where: dict[int, tuple[Row, int]] = {}        # the row of a call, and which of its steps it is
        self.totals = self._gradients()
        self._outer_names = self._names_of(recorder.executions)
        self._tensors_of_rows = self._chosen()
        for call in self.calls:
            self.steps[id(call)] = Step(call.op, [], call.settings, [_host(y) for y in call.outputs],
                                        [self.totals.get(id(y)) for y in call.outputs])
        self.rows = [self._row(call, slot, y) for call in self.calls for slot, y in enumerate(call.outputs)
                     if id(y) in self._tensors_of_rows]
        for value in [*self.parameters.values(), *self.values.values()]:
            if value.value.ndim and value.axes[0].startswith("axis"):
                value.axes = given_axes(value, [row for row in self.rows if value in row.inputs])
        self.parameter_uses = self._uses()
        self.backward = self._backward_rows()

    def _parameter(self, path: str, p: Tensor) -> Value:
        module, _, name = path.rpartition(".")
        layer = next((layer for layer in self.model.modules() if vars(layer).get(name) is p), self.model)
        return Value(name, "parameter", module, _host(p), parameter_axes(layer, name, p.ndim))

    # What is looked at ------------------------------------------------------------------------------------------

    def _leading_to_the_loss(self, calls: list[Call]) -> list[Call]:
        """The calls that the loss was computed by, in their order; what was computed beside them is left out."""
        waiting, seen = [self.loss], set()
        while waiting:
            call = self.made_by.get(id(waiting.pop()), (None, 0))[0]
            if call is not None and id(call) not in seen:
                seen.add(id(call))
                waiting += [x for x in call.arguments if isinstance(x, Tensor)]
        return [call for call in calls if id(call) in seen]

    def _gradients(self) -> dict[int, Any]:
        """{id of a tensor: dL/d(it)}, of every result and every parameter that has one."""
        wanted = [y for call in self.calls for y in call.outputs if y.requires_grad]
        wanted += [p for p in self.model.parameters() if p.requires_grad]
        found = gradients(self.loss, wanted, keep_graph=True)
        return {id(x): to_host(dense(g)) for x, g in zip(wanted, found, strict=True)}

    def _chosen(self) -> set[int]:
        """The ids of the tensors that become rows."""
        chosen = {id(self.loss)}
        for call in self.calls:
            chosen |= {id(y) for y in call.outputs if call.owner and any(x is y for _, x in call.owner.targets)}
            for x in call.arguments:
                maker = self.made_by.get(id(x), (None, 0))[0]
                if maker is not None and maker.owner not in (None, call.owner):
                    chosen.add(id(x))
        return chosen

    def _names_of(self, executions: list[Execution]) -> dict[int, list[tuple[str, Execution]]]:
        """What each tensor is called by every statement that assigns or returns it, the innermost first."""
        found: dict[int, list[tuple[str, Execution]]] = {}
        for execution in sorted(executions, key=_depth, reverse=True):
            for name, x in execution.targets:
                found.setdefault(id(x), []).append((name, execution))
        return found

    # Rows -------------------------------------------------------------------------------------------------------

    def _row(self, call: Call, slot: int, y: Tensor) -> Row:
        """The row of one tensor: its steps back to other rows, and its name."""
        calls = self._graph(call)
        for one in calls:
            self.steps[id(one)].arguments = [self._operand(x, one) for x in one.arguments]
        steps, owner = [self.steps[id(one)] for one in calls], call.owner
        assert owner is not None, f"{call.op} at {call.origin} belongs to no statement that has an equation's number"
        inputs = list({id(x): x for step in steps for x in step.arguments if isinstance(x, Row | Value)}.values())
        said = _equations(owner)
        line = owner.statement
        row = Row(len(self.row_of), "", line.numbers, "\n".join(e.text for e in said) or line.text, line.place,
                  line.function, backward_places(line, [step.op for step in steps]), (), _host(y),
                  self.totals.get(id(y)), owner.time, owner.module, steps, slot, inputs)
        row.symbol = self._symbol(row, owner, said, y)
        names_it = any(x is y for _, x in owner.targets)
        shapes = line.shapes[::-1] if names_it else line.shapes
        row.axes = named_axes(row, shapes, [shape for e in said for shape in e.shapes[::-1]], names_it)
        row.names = self._other_names(row, owner, y)
        row.returned = not line.targets
        self.row_of[id(y)] = row
        for i, one in enumerate(calls):
            self.where.setdefault(id(one), (row, i))
        return row

    def _graph(self, last: Call) -> list[Call]:
        """The calls of the same row that lead to this one, in order."""
        found, waiting = {id(last): last}, [last]
        while waiting:
            for x in waiting.pop().arguments:
                maker = self.made_by.get(id(x), (None, 0))[0]
                if maker is not None and id(x) not in self._tensors_of_rows and id(maker) not in found:
                    found[id(maker)] = maker
                    waiting.append(maker)
        return [call for call in self.calls if id(call) in found] if len(found) > 1 else [last]

    def _operand(self, x: Any, call: Call) -> Any:
        """What a step is given, as a Row, a Value, an Inner, or what is no array as it is."""
        if id(x) in self.row_of:
            return self.row_of[id(x)]
        if id(x) in self.made_by:
            maker, slot = self.made_by[id(x)]
            return Inner(self.steps[id(maker)], slot)
        if id(x) in self.parameters:
            return self.parameters[id(x)]
        if not hasattr(x, "dtype"):
            return x
        array = x.data if isinstance(x, Tensor) else x
        if id(array) not in self.values:
            self.values[id(array)] = Value(self._data_symbol(array, call), "data", "", to_host(array).copy())
        return self.values[id(array)]

    def _data_symbol(self, array: Any, call: Call) -> str:
        """What the line calls numbers from outside; a state before the first step has the step before."""
        owner = call.owner
        name = owner.names.get(id(array), "") if owner else ""
        if not owner or not name:
            return "data"
        before = any(f"{bare(name)}_{{t-1}}" in e.text for e in _equations(owner))
        time = None if owner.time is None else owner.time - (1 if before and bare(name) == name else 0)
        return indexed(bare(name), time, layer_of(self.model, owner.module))

    def _symbol(self, row: Row, owner: Execution, said: list[Equation], y: Tensor) -> str:
        layer = layer_of(self.model, row.module)
        if row.steps[-1].op == "split" and "t" in owner.statement.targets:          # what a loop over time goes through
            return indexed(bare(owner.statement.targets[-1]), row.result + 1, layer)
        direct = [name for name, x in owner.targets if x is y]
        several = sum(name == direct[0] for name, _ in owner.targets) > 1 if direct else False
        if direct and not several:
            parameters = [x.symbol for x in row.inputs if isinstance(x, Value) and x.kind == "parameter"]
            symbol = assigned(direct[0], said, parameters)
            if symbol:
                return indexed(symbol, row.time, layer)
        return self._derived(row.steps[-1], row.result, row.time)

    def _derived(self, step: Step, slot: int, time: int | None) -> str:
        """What was done to what."""
        names = []
        for x in step.arguments[step.op == "where":]:      # of a choice what is chosen, not the condition
            if isinstance(x, Inner):
                names.append(self._derived(x.step, x.slot, None))
            elif isinstance(x, Row | Value):
                names.append(x.called if isinstance(x, Row) else x.symbol)
            elif isinstance(x, int | float) and step.op not in UNCHANGED:
                names.append(f"{x:g}")
        symbol = derived(step.op, names, slot, len(step.values))
        if step.op == "take" and time is not None:
            return indexed(bare(symbol), time, "")
        return symbol if len(symbol) < 40 else f"{step.op}({names[0]}, ...)"

    def _other_names(self, row: Row, owner: Execution, y: Tensor) -> list[tuple[str, str, str]]:
        found = []
        for name, execution in self._outer_names.get(id(y), []):
            symbol = assigned(name, _equations(execution), [])
            several = sum(other == name for other, _ in execution.targets) > 1
            if execution is not owner and symbol and not several:
                number = " ".join(f"({n})" for n in execution.statement.numbers)
                found.append((indexed(symbol, execution.time, ""), number, execution.statement.place))
        return list(dict.fromkeys(found))

    # Backward ---------------------------------------------------------------------------------------------------

    def _uses(self) -> dict[int, list[Use]]:
        """Fills in the uses of all rows; returns those of the parameters."""
        of_parameters: dict[int, list[Use]] = {key: [] for key in self.parameters}
        for call in self.calls:
            node = call.outputs[0].node
            if node is None or node.backward is None or id(call) not in self.where:
                continue
            row, i = self.where[id(call)]
            parts = [self.row_of[id(y)].called for y in call.outputs if id(y) in self.row_of]
            label = f"{row.number} {', '.join(parts) if len(parts) > 1 else row.called}"
            dxs = node.backward(*[_on_device(self.totals[id(y)], y) for y in call.outputs])
            for k, (x, dx) in enumerate(zip(call.arguments, dxs, strict=False)):
                if dx is None or not isinstance(x, Tensor) or not x.requires_grad:
                    continue
                use = Use(row, label, (i, k), to_host(dense(dx)).copy())
                if id(x) in self.row_of:
                    self.row_of[id(x)].uses.append(use)
                elif id(x) in of_parameters:
                    of_parameters[id(x)].append(use)
        return of_parameters

    def _backward_rows(self) -> list[BackwardRow]:
        found: list[BackwardRow] = []
        for row in reversed(self.rows):
            if row.gradient is not None:
                found.append(BackwardRow(len(self.rows) + len(found), row, f"dL/d{row.symbol}", row.gradient,
                                         row.uses[::-1]))
        for key, value in self.parameters.items():
            if key in self.totals:
                found.append(BackwardRow(len(self.rows) + len(found), value, f"dL/d{value.symbol}", self.totals[key],
                                         self.parameter_uses[key][::-1]))
        return found


def _equations(execution: Execution) -> list[Equation]:
    """The equations of a statement, as far as docstrings have them."""
    known = equations(execution.statement.path, execution.statement.function)
    return [known[n] for n in execution.statement.numbers if n in known]


def _depth(execution: Execution) -> int:
    depth, parent = 0, execution.parent
    while parent is not None:
        depth, parent = depth + 1, parent.parent
    return depth


def _host(x: Tensor) -> Any:
    """A copy on the host."""
    return to_host(x.data).copy()


def _on_device(g: Any, like: Tensor) -> Any:
    return to_device(g).astype(like.dtype)
