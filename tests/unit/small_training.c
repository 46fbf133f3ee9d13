#include "small_training.h"

#include <stdio.h>

/* A statement 10 ns later. */
#define AT_NEXT(statement)                                                                         \
    do {                                                                                           \
        builder->now_ns += 10;                                                                     \
        statement;                                                                                 \
    } while (0)

#define PUSH(name)           AT_NEXT(build_push(builder, 0, name))
#define POP()                AT_NEXT(build_pop(builder, 0))
#define ALLOC(address, size) AT_NEXT(build_alloc(builder, 0, address, size))
#define FREE(address)        AT_NEXT(build_free(builder, 0, address))
#define CALL(...)            AT_NEXT(BUILD_CALL(builder, 0, __VA_ARGS__))
#define LAUNCH(...)          AT_NEXT(BUILD_LAUNCH(builder, 0, __VA_ARGS__))
#define U(address)           (uint64_t)(address)

void small_training_begin(struct builder *builder)
{
    build_begin(builder);
    build_device(builder, 0, "softgpu (CPU)");
    PUSH("init");
    ALLOC(SMALL_W, 400);
    CALL(API_MEMCPY, U(SMALL_W), U(SMALL_HOST));
    POP();
}

static void forward(struct builder *builder)
{
    PUSH("forward");
    PUSH("conv");
    ALLOC(SMALL_Y, 200);
    ALLOC(SMALL_WORKSPACE, 50);
    CALL(API_CONV_FORWARD, U(SMALL_X), U(SMALL_W), U(SMALL_WORKSPACE), U(SMALL_Y));
    FREE(SMALL_WORKSPACE);
    POP();
    PUSH("loss");
    ALLOC(SMALL_L, 16);
    LAUNCH("loss", U(SMALL_Y), U(SMALL_L));
    POP();
    POP();
}

static void backward(struct builder *builder)
{
    PUSH("backward");
    PUSH("loss");
    ALLOC(SMALL_DY, 200);
    LAUNCH("loss_backward", U(SMALL_L), U(SMALL_DY));
    FREE(SMALL_L);
    POP();
    PUSH("conv");
    ALLOC(SMALL_DW, 400);
    CALL(API_CONV_BACKWARD, U(SMALL_X), U(SMALL_DY), U(SMALL_W), U(SMALL_DW), U(0));
    FREE(SMALL_DY);
    FREE(SMALL_Y);
    FREE(SMALL_X);
    POP();
    POP();
}

void small_training_step(struct builder *builder, int step)
{
    char name[32];
    snprintf(name, sizeof name, "step %d", step);
    PUSH(name);
    PUSH("zero_grad");
    if (step > 0)
        FREE(SMALL_DW);
    POP();
    PUSH("data");
    ALLOC(SMALL_X, 100);
    CALL(API_MEMCPY, U(SMALL_X), U(SMALL_HOST));
    POP();
    forward(builder);
    backward(builder);
    PUSH("optimizer");
    PUSH("sgd");
    if (step == 0)
        ALLOC(SMALL_M, 400);
    LAUNCH("sgd", U(SMALL_W), U(SMALL_DW), U(SMALL_M));
    POP();
    POP();
    POP();
}

void small_training(struct builder *builder, int steps)
{
    small_training_begin(builder);
    for (int step = 0; step < steps; step++)
        small_training_step(builder, step);
}
