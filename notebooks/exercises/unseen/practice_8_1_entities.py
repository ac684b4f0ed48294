"""Mistakes that the diagnosis of practice-8.1-entities has never seen."""
import numpy as np


def wrong_kind_not_compared(predicted, right, lengths):
    """In (1) an I goes on with whatever entity stands before it, of another kind too, so it begins nothing there.

    Named by: I another kind before | kind not compared | I any tag before | I other kind begins
    """
    begins, end, ours = entities(predicted, lengths, any_kind=True)
    _, _, theirs = entities(right, lengths, any_kind=True)
    return begins, end, len(ours & theirs), 2 * len(ours & theirs) / (len(ours) + len(theirs))


def wrong_last_word(predicted, right, lengths):
    """end of (2) is the place of the entity's last word, and not the first place behind it.

    Named by: end one too small | end last word behind | end one before | end last place
    """
    begins, end, ours = entities(predicted, lengths)
    _, _, theirs = entities(right, lengths)
    return begins, np.where(begins, end - 1, 0), len(ours & theirs), 2 * len(ours & theirs) / (len(ours) + len(theirs))


def wrong_end_not_compared(predicted, right, lengths):
    """both of (3) compares begin and kind alone: an entity that ends elsewhere counts as found.

    Named by: both end not compared | both without end | both begin kind alone | both ends elsewhere
    | both does not compare the ends
    """
    begins, end, ours = entities(predicted, lengths)
    _, _, theirs = entities(right, lengths)
    both = len({(b, t, k) for b, t, _, k in ours} & {(b, t, k) for b, t, _, k in theirs})
    return begins, end, both, 2 * both / (len(ours) + len(theirs))


def entities(tags, lengths, any_kind=False):
    tags = np.where(np.arange(tags.shape[1]) < lengths[:, None], tags, 0)
    kinds = (tags + 1) // 2
    before = np.pad(kinds, ((0, 0), (1, 0)))[:, :-1]
    follows = before > 0 if any_kind else before == kinds
    goes_on = (tags > 0) & (tags % 2 == 0) & follows
    begins = ((tags > 0) & ~goes_on).astype(int)
    end = np.zeros_like(tags)
    for b, t in np.argwhere(begins):
        end[b, t] = t + 1
        while end[b, t] < lengths[b] and goes_on[b, end[b, t]]:
            end[b, t] += 1
    return begins, end, {(b, t, end[b, t], kinds[b, t]) for b, t in np.argwhere(begins)}
