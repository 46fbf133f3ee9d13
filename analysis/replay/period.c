#include "replay/period.h"

#include <stdlib.h>

#include "base/array.h"

#define ANCHORS 8u /* places that the repetition is looked for at */

/* z[i]: for how long symbols[i..) is like symbols[0..). z[0] is n. */
static void self_matches(const uint64_t *symbols, size_t n, uint32_t *z)
{
    size_t left = 0;
    size_t right = 0; /* symbols[left..right) is like the begin, the furthest that was seen */
    z[0] = (uint32_t)n;
    for (size_t i = 1; i < n; i++) {
        size_t length = 0;
        if (i < right)
            length = z[i - left] < right - i ? z[i - left] : right - i;
        while (i + length < n && symbols[length] == symbols[i + length])
            length++;
        z[i] = (uint32_t)length;
        if (i + length > right) {
            left = i;
            right = i + length;
        }
    }
}

/* matches[i], i < n: for how long text[i..end) is like pattern[0..m), whose own matches are z. */
static void matches_in(const uint64_t *pattern, size_t m, const uint32_t *z, const uint64_t *text,
                       size_t end, size_t n, uint32_t *matches)
{
    size_t left = 0;
    size_t right = 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = 0;
        if (i < right)
            length = z[i - left] < right - i ? z[i - left] : right - i;
        while (length < m && i + length < end && pattern[length] == text[i + length])
            length++;
        matches[i] = (uint32_t)length;
        if (i + length > right) {
            left = i;
            right = i + length;
        }
    }
}

/*
 * The best repetition that holds symbols[anchor..anchor + period). `backward` is the sequence from
 * its end to its begin; the three arrays have room for n.
 */
static struct period at_anchor(const uint64_t *symbols, const uint64_t *backward, size_t n,
                               size_t anchor, uint32_t *ahead, uint32_t *scratch, uint32_t *behind)
{
    const size_t rest = n - anchor;
    struct period best = {0, 0, 0};
    size_t longest = 0;
    self_matches(symbols + anchor, rest, ahead);
    self_matches(backward + rest, anchor, scratch);
    matches_in(backward + rest, anchor, scratch, backward, n, rest, behind);
    for (int pass = 0; pass < 2; pass++)
        for (size_t period = 1; period < rest; period++) {
            const size_t before = behind[rest - period];
            const size_t length = period + ahead[period] + before;
            if (length / 3 < period)
                continue;
            if (pass == 0) {
                longest = length > longest ? length : longest;
            } else if (length >= longest - longest / 4) {
                best = (struct period){period, anchor - before, length};
                break;
            }
        }
    return best;
}

bool period_find(const uint64_t *symbols, size_t n, struct period *found)
{
    *found = (struct period){0, 0, 0};
    if (n < 3)
        return false;
    uint64_t *backward = memory_zeroed(n, sizeof *backward);
    uint32_t *arrays = memory_zeroed(3 * n, sizeof *arrays);
    for (size_t i = 0; i < n; i++)
        backward[i] = symbols[n - 1 - i];
    for (size_t i = 0; i < ANCHORS; i++) {
        size_t anchor = n * (i + 1) / (ANCHORS + 1);
        anchor += anchor == 0;
        const struct period here =
            at_anchor(symbols, backward, n, anchor, arrays, arrays + n, arrays + 2 * n);
        if (here.length > found->length ||
            (here.length == found->length && here.period < found->period))
            *found = here;
    }
    free(arrays);
    free(backward);
    return found->length > 0;
}

void period_failure(const uint64_t *symbols, size_t n, uint32_t *failure)
{
    uint32_t length = 0;
    if (n)
        failure[0] = 0;
    for (size_t i = 1; i < n; i++) {
        while (length && symbols[length] != symbols[i])
            length = failure[length - 1];
        length += symbols[length] == symbols[i];
        failure[i] = length;
    }
}
