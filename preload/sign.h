/* Numbers that stand for a sequence of words: equal for equal sequences, for others by a chance
   that does not count. */
#ifndef GRAPHPROF_SIGN_H
#define GRAPHPROF_SIGN_H

#include <stdint.h>

static inline uint64_t gp_sign_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* The sign of what `before` stands for and the word behind it. */
static inline uint64_t gp_sign_chain(uint64_t before, uint64_t word)
{
    return gp_sign_mix(before + UINT64_C(0x9e3779b97f4a7c15) + word);
}

static inline uint64_t gp_sign_of(const uint64_t *words, unsigned n)
{
    uint64_t sign = 0;
    for (unsigned i = 0; i < n; i++)
        sign = gp_sign_chain(sign, words[i]);
    return sign;
}

#endif
