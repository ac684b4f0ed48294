"""Mistakes that the diagnosis of broadcasting-backward has never seen."""


def wrong_dw_averaged_over_batch(dy, x, w):
    """dw is averaged over n where w[t] was repeated for each n and has to be summed.

    Named by: dw averaged | dw mean | dw divided by B | dw average batch | divided size of axis 0 for `dw`
    """
    dx = (dy * w).sum(axis=1, keepdims=True)
    dw = (dy * x).sum(axis=2).mean(axis=0)[:, None]
    db = dy.sum(axis=(0, 1))
    return dx, dw, db


def wrong_db_times_w(dy, x, w):
    """db has the factor w, as if (1) were (x + b) w, where b stands alone.

    Named by: db factor w | db w should not | db times w | db multiplied w
    """
    dx = (dy * w).sum(axis=1, keepdims=True)
    dw = (dy * x).sum(axis=(0, 2))[:, None]
    db = (dy * w).sum(axis=(0, 1))
    return dx, dw, db


def wrong_dx_summed_before_the_product(dy, x, w):
    """dx is the sum of dy over t times the sum of w over t, where the products dy w have to be summed.

    Named by: dx sum product before | dx product of sums | dx sums product first | dx summed too early
    | dx is the sum of dy times the sum of w
    """
    dx = dy.sum(axis=1, keepdims=True) * w.sum()
    dw = (dy * x).sum(axis=(0, 2))[:, None]
    db = dy.sum(axis=(0, 1))
    return dx, dw, db
