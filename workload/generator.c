/* See generator.h, which states the formulas. Pure; any thread. */
#include "generator.h"

#include <math.h>

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t bits(struct generator g, uint64_t element)
{
    return mix(g.key + (element + 1) * GOLDEN);
}

struct generator generator_open(uint64_t seed, uint64_t stream)
{
    return (struct generator){.key = mix(mix(seed + GOLDEN) + (stream + 1) * GOLDEN)};
}

float generator_normal_scale(double std) { return (float)(std / sqrt(4294967295.0 / 3.0)); }

float generator_uniform_scale(double bound) { return (float)(bound / 8388608.0); }

float generator_normal(struct generator g, uint64_t element, float normal_scale)
{
    const uint64_t b = bits(g, element);
    const int sum =
        (int)(b & 0xffff) + (int)(b >> 16 & 0xffff) + (int)(b >> 32 & 0xffff) + (int)(b >> 48);
    return (float)(sum - 131070) * normal_scale;
}

float generator_uniform(struct generator g, uint64_t element, float uniform_scale)
{
    return (float)((int)(bits(g, element) >> 40) - 8388608) * uniform_scale;
}

uint64_t generator_below(struct generator g, uint64_t element, uint64_t n)
{
    return bits(g, element) % n;
}
