/* Ranges of the fixture's thread 0, each boundary 10 ns behind what stands before it. Included
 * once, by a test program, behind fixture.h. */
#ifndef TESTS_UNIT_TICKING_H
#define TESTS_UNIT_TICKING_H

static void tick(void) { builder.now_ns += 10; }

static void push(const char *name)
{
    tick();
    build_push(&builder, 0, name);
}

static void pop(void)
{
    tick();
    build_pop(&builder, 0);
}

#endif
