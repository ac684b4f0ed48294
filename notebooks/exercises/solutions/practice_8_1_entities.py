"""practice-8.1-entities: a solution, other right ones, and mistakes."""
import numpy as np


def practice_8_1_entities(predicted, right, lengths):
    def entities(tags):
        is_word = np.arange(tags.shape[1]) < lengths[:, None]                                       # (1)
        tags = np.where(is_word, tags, 0)                                                           # (1)
        kinds = (tags + 1) // 2                                                                     # (1)
        before = np.pad(kinds, ((0, 0), (1, 0)))[:, :-1]                                            # (1)
        goes_on = (tags > 0) & (tags % 2 == 0) & (before == kinds)                                  # (1)
        begins = ((tags > 0) & ~goes_on).astype(int)                                                # (1)
        end = np.zeros_like(tags)                                                                   # (2)
        for b, t in np.argwhere(begins):
            end[b, t] = t + 1                                                                       # (2)
            while end[b, t] < lengths[b] and goes_on[b, end[b, t]]:
                end[b, t] += 1                                                                      # (2)
        found = {(b, t, end[b, t], kinds[b, t]) for b, t in np.argwhere(begins)}                    # (3)
        return begins, end, found
    begins, end, ours = entities(predicted)                                                         # (1) (2)
    _, _, theirs = entities(right)                                                                  # (3)
    both = len(ours & theirs)                                                                       # (3)
    F1 = 2 * both / (len(ours) + len(theirs))                                                       # (4)
    return begins, end, both, F1


# Right --------------------------------------------------------------------------------------------------------

def scanned(row, continues=lambda kind, tag: kind and tag == 2 * kind):
    """(begin, end, kind) of one sentence, word by word; for those below."""
    found, start, kind = [], 0, 0
    for t, tag in enumerate([*row, 0]):
        if continues(kind, tag):
            continue
        if kind:
            found.append((start, t, kind))
        start, kind = t, (tag + 1) // 2
    return found


def tabled(predicted, ours, theirs):
    """The results, of entities (b, begin, end, kind)."""
    begins, end = np.zeros_like(predicted), np.zeros_like(predicted)
    for b, start, stop, _ in ours:
        begins[b, start], end[b, start] = 1, stop
    both = len(set(ours) & set(theirs))
    return begins, end, both, 2 * both / (len(ours) + len(theirs))


def of_all(tags, lengths, scan=scanned):
    return [(b, *one) for b, n in enumerate(lengths) for one in scan(tags[b, :n])]


def right_word_by_word(predicted, right, lengths):
    return tabled(predicted, of_all(predicted, lengths), of_all(right, lengths))


def right_as_text(predicted, right, lengths):
    """As lines of letters: a regular expression finds the entities."""
    import re

    def entities(tags):
        found = set()
        for b, n in enumerate(lengths):
            line = "".join("OBIbi"[tag] for tag in tags[b, :n])
            for match in re.finditer("[BI]I*|[bi]i*", line):
                found.add((b, match.start(), match.end(), match[0][0].lower() == match[0][0]))
        return found
    return tabled(predicted, entities(predicted), entities(right))


def right_precision_and_recall(predicted, right, lengths):
    """F1 as the harmonic mean of the two."""
    ours, theirs = of_all(predicted, lengths), of_all(right, lengths)
    begins, end, both, _ = tabled(predicted, ours, theirs)
    precision, recall = both / len(ours), both / len(theirs)
    return begins, end, both, 2 / (1 / precision + 1 / recall) if both else 0.0


def right_from_the_end(predicted, right, lengths):
    """From the last word to the first: the place where the entity that reaches on from here ends."""
    def entities(tags):
        begins, end = np.zeros_like(tags), np.zeros_like(tags)
        for b, n in enumerate(lengths):
            stop = n
            for t in range(n - 1, -1, -1):
                tag = tags[b, t]
                kind, before = (tag + 1) // 2, (tags[b, t - 1] + 1) // 2 if t else 0
                if not tag:
                    stop = t
                elif tag % 2 == 1 or before != kind:
                    begins[b, t], end[b, t] = 1, stop
                    stop = t
        return begins, end
    (begins, end), (starts, stops) = entities(predicted), entities(right)
    same_kind = (predicted + 1) // 2 == (right + 1) // 2
    both = (begins & starts & same_kind & (end == stops)).sum()
    return begins, end, both, 2 * both / (begins.sum() + starts.sum())


# Wrong --------------------------------------------------------------------------------------------------------

def wrong_begins_alone(predicted, right, lengths):
    """an I that goes on with nothing is left out, and it begins an entity too

    Named by: I goes on with nothing begins too left out"""
    def scan(row):
        return [one for one in scanned(row) if row[one[0]] % 2 == 1]
    return tabled(predicted, of_all(predicted, lengths, scan), of_all(right, lengths, scan))


def wrong_every_inside_begins(predicted, right, lengths):
    """every word of an entity begins one of its own, also the I that goes on

    Named by: every word entity begin"""
    def scan(row):
        return scanned(row, lambda kind, tag: False)
    return tabled(predicted, of_all(predicted, lengths, scan), of_all(right, lengths, scan))


def wrong_kind_of_inside(predicted, right, lengths):
    """an I of another kind goes on with the entity, and should begin one of its own

    Named by: I another kind goes on begin | begins kind before | `before == kinds` missing (1)"""
    def scan(row):
        return scanned(row, lambda kind, tag: kind and tag and tag % 2 == 0)
    return tabled(predicted, of_all(predicted, lengths, scan), of_all(right, lengths, scan))


def wrong_runs_of_one_kind(predicted, right, lengths):
    """a B of the same kind goes on with the entity, and should begin the next one

    Named by: B same kind goes on begin | begins B always"""
    def scan(row):
        return scanned(row, lambda kind, tag: kind and (tag + 1) // 2 == kind)
    return tabled(predicted, of_all(predicted, lengths, scan), of_all(right, lengths, scan))


def wrong_padding(predicted, right, lengths):
    """what stands behind a sentence's end is read as well

    Named by: behind a sentence's end read"""
    whole = [predicted.shape[1]] * len(lengths)
    return tabled(predicted, of_all(predicted, whole), of_all(right, whole))


def wrong_last_word(predicted, right, lengths):
    """end is the place of the last word, and should be the one behind it

    Named by: end last word behind it"""
    begins, end, both, F1 = practice_8_1_entities(predicted, right, lengths)
    return begins, end - begins, both, F1


def wrong_length(predicted, right, lengths):
    """end is how many words the entity has, and not a place

    Named by: end number words place"""
    begins, end, both, F1 = practice_8_1_entities(predicted, right, lengths)
    return begins, end - begins * np.arange(end.shape[1]), both, F1


def wrong_words(predicted, right, lengths):
    """both counts the words whose tags agree, and should count whole entities

    Named by: both counts words entities"""
    begins, end, _, _ = practice_8_1_entities(predicted, right, lengths)
    is_word = np.arange(end.shape[1]) < lengths[:, None]
    both = ((predicted == right) & (right > 0) & is_word).sum()
    return begins, end, both, 2 * both / (((predicted > 0) & is_word).sum() + ((right > 0) & is_word).sum())


def wrong_no_kind(predicted, right, lengths):
    """both compares the places alone, and the kind should agree too

    Named by: both kind agree"""
    begins, end, _, _ = practice_8_1_entities(predicted, right, lengths)
    ours, theirs = ([one[:3] for one in of_all(tags, lengths)] for tags in (predicted, right))
    return _with(begins, end, ours, theirs)


def wrong_starts_alone(predicted, right, lengths):
    """both compares where entities begin, and the end should agree too

    Named by: both begin end agree | both ends"""
    begins, end, _, _ = practice_8_1_entities(predicted, right, lengths)
    ours, theirs = ([(b, start, kind) for b, start, _, kind in of_all(tags, lengths)] for tags in (predicted, right))
    return _with(begins, end, ours, theirs)


def wrong_precision(predicted, right, lengths):
    """F1 is the precision: both is divided by the predicted entities alone

    Named by: F1 precision predicted alone"""
    begins, end, both, _ = practice_8_1_entities(predicted, right, lengths)
    return begins, end, both, both / begins.sum()


def wrong_recall(predicted, right, lengths):
    """F1 is the recall: both is divided by the right entities alone

    Named by: F1 recall right alone"""
    begins, end, both, _ = practice_8_1_entities(predicted, right, lengths)
    return begins, end, both, both / len(of_all(right, lengths))


def wrong_mean_of_sentences(predicted, right, lengths):
    """F1 is computed for each sentence and averaged, and should count over all of them

    Named by: F1 mean over sentences all"""
    begins, end, both, _ = practice_8_1_entities(predicted, right, lengths)
    of_each = []
    for b in range(len(lengths)):
        ours, theirs = ({one for one in of_all(tags, lengths) if one[0] == b} for tags in (predicted, right))
        of_each.append(2 * len(ours & theirs) / max(len(ours) + len(theirs), 1))
    return begins, end, both, np.mean(of_each)


def wrong_mean_of_two(predicted, right, lengths):
    """F1 is the plain mean of precision and recall, and should be the harmonic one

    Named by: F1 mean precision recall harmonic | F1 mean precision recall"""
    begins, end, both, _ = practice_8_1_entities(predicted, right, lengths)
    return begins, end, both, (both / begins.sum() + both / len(of_all(right, lengths))) / 2


def wrong_overlap(predicted, right, lengths):
    """F1 is both divided by the entities that are in either, and in (4) by the sum of their numbers

    Named by: F1 divided sum numbers"""
    begins, end, both, _ = practice_8_1_entities(predicted, right, lengths)
    return begins, end, both, both / (begins.sum() + len(of_all(right, lengths)) - both)


def _with(begins, end, ours, theirs):
    both = len(set(ours) & set(theirs))
    return begins, end, both, 2 * both / (len(ours) + len(theirs))


def entities(tags, lengths, merge=False):
    """(1), (2) and the set of (3); with `merge` a B goes on as an I does."""
    tags = np.where(np.arange(tags.shape[1]) < lengths[:, None], tags, 0)
    kinds = (tags + 1) // 2
    before = np.pad(kinds, ((0, 0), (1, 0)))[:, :-1]
    goes_on = (tags > 0) & ((tags % 2 == 0) | merge) & (before == kinds)
    begins = ((tags > 0) & ~goes_on).astype(int)
    end = np.zeros_like(tags)
    for b, t in np.argwhere(begins):
        end[b, t] = t + 1
        while end[b, t] < lengths[b] and goes_on[b, end[b, t]]:
            end[b, t] += 1
    return begins, end, {(b, t, end[b, t], kinds[b, t]) for b, t in np.argwhere(begins)}


def wrong_sentence_forgotten(predicted, right, lengths):
    """(3) compares begin, end and kind without b, so that entities of different sentences count as the same

    Named by: both different sentences | both same sentence | both without sentence | both other row"""
    begins, end, ours = entities(predicted, lengths)
    _, _, theirs = entities(right, lengths)
    ours, theirs = {found[1:] for found in ours}, {found[1:] for found in theirs}
    both = len(ours & theirs)
    return begins, end, both, 2 * both / (len(ours) + len(theirs))
