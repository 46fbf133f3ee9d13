/*
 * The counter-based generator of initial weights and synthetic images.
 *
 * Every value is a function of (seed, stream, element) alone, so that it does not depend on the
 * batch size, on the memory layout or on the order of work, and tests/golden/make_reference.py can
 * state the same numbers in PyTorch bit for bit. Integers are made first; one multiplication by an
 * fp32 scale follows, which IEEE 754 rounds the same way everywhere.
 *
 *   mix(x)  = finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 *             generators", OOPSLA 2014), all sums and products modulo 2^64
 *   key     = mix(mix(seed + G) + (stream + 1) * G),  G = 0x9e3779b97f4a7c15
 *   bits(i) = mix(key + (i + 1) * G)
 *
 *   normal(i, std)    = fp32(sum of the four 16-bit lanes of bits(i), less 131070) * fp32(std / D),
 *                       D = sqrt((2^32 - 1) / 3), the standard deviation of that sum; near enough
 *                       to a normal distribution (Irwin-Hall of four, |x| <= 3.46 std)
 *   uniform(i, bound) = fp32((bits(i) >> 40) - 2^23) * fp32(bound / 2^23), in [-bound, bound)
 *   below(i, n)       = bits(i) mod n
 *
 * Streams: parameter p of the model in PyTorch's order (named_parameters(), from 0) is stream p;
 * the images and the labels have streams of their own. `element` is PyTorch's logical index (OIHW,
 * NCHW) whatever the layout in memory is.
 */
#ifndef WORKLOAD_GENERATOR_H
#define WORKLOAD_GENERATOR_H

#include <stdint.h>

#define GENERATOR_STREAM_IMAGES (UINT64_C(1) << 32)
#define GENERATOR_STREAM_LABELS (GENERATOR_STREAM_IMAGES + 1)

/*
 * Initial weight of the last batch norm of each block (bn3); all other batch norms start at 1.
 * torchvision offers 0 (zero_init_residual) and 1. From 1, fp32 itself is 6e-5 off float64 in the
 * first loss and 1e-2 in gradient norms (rounding flips ReLU masks and 50 blocks amplify it), so
 * that no comparison could be sharp; at 0 the blocks have no gradient. At 0.05 fp32 is within 2e-8
 * and 4e-4 (tests/golden/README.md has the table).
 */
#define GENERATOR_RESIDUAL_WEIGHT 0.05f

struct generator {
    uint64_t key;
};

struct generator generator_open(uint64_t seed, uint64_t stream);

/* The fp32 scales: computed once in double and rounded once. */
float generator_normal_scale(double std);
float generator_uniform_scale(double bound);

float generator_normal(struct generator g, uint64_t element, float normal_scale);
float generator_uniform(struct generator g, uint64_t element, float uniform_scale);
uint64_t generator_below(struct generator g, uint64_t element, uint64_t n);

#endif
