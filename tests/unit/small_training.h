/*
 * A training program of one layer, as a capture. Bytes: weights W 400 (before the steps), momentum
 * M 400 (in the first step), input X 100, output Y 200, workspace 50, loss L 16, dY 200, dW 400.
 *
 *   step k      live at its begin 1200 (400 in step 0), at its end 1200
 *     zero_grad                  frees the dW of the step before             1200 -> 800
 *     data                       X, copied from the host                      800 -> 900
 *     forward/conv               Y, workspace                                 900 -> 1100, peak
 * 1150 forward/loss               L, by a kernel of (Y, L)                    1100 -> 1116
 *     backward/loss              dY, by a kernel of (L, dY); frees L         1116 -> 1300, peak
 * 1316 backward/conv              dW; frees dY, Y, X                          1300 -> 1200, peak
 * 1700 optimizer/sgd              kernel of (W, dW, M)                        1200 -> 1200
 *
 * (Live bytes are those from step 1 on.) Every record is 10 ns behind the one before.
 */
#ifndef TESTS_UNIT_SMALL_TRAINING_H
#define TESTS_UNIT_SMALL_TRAINING_H

#include "capture_builder.h"

enum {
    SMALL_W = 0x10000,
    SMALL_X = 0x20000,
    SMALL_Y = 0x30000,
    SMALL_WORKSPACE = 0x40000,
    SMALL_L = 0x50000,
    SMALL_DY = 0x60000,
    SMALL_DW = 0x70000,
    SMALL_M = 0x80000,
    SMALL_HOST = 0x900
};

void small_training_begin(struct builder *builder);
void small_training_step(struct builder *builder, int step);

/* So many whole steps. */
void small_training(struct builder *builder, int steps);

#endif
