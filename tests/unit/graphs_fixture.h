/* Captures with CUDA graphs in them, for the tests of the analysis: on fixture.h, one thread but
   where a name says otherwise. */
#ifndef TESTS_UNIT_GRAPHS_FIXTURE_H
#define TESTS_UNIT_GRAPHS_FIXTURE_H

#include "fixture.h"

enum {
    GRAPH = 0x10,
    EXEC = 0x20,
    OTHER_GRAPH = 0x30,
    OTHER_EXEC = 0x40,
    X = 0x1000,
    W = 0x9000
};

static inline void tick(void) { builder.now_ns += 10; }

static inline void push_in(uint32_t thread, const char *name)
{
    tick();
    build_push(&builder, thread, name);
}
static inline void pop_in(uint32_t thread)
{
    tick();
    build_pop(&builder, thread);
}
static inline void push(const char *name) { push_in(0, name); }
static inline void pop(void) { pop_in(0); }

static inline void graph(enum gp_graph_event what) { build_graph(&builder, 0, what, GRAPH, 0, 0); }
static inline void instantiate(uint64_t of, uint64_t exec, unsigned flags)
{
    build_graph(&builder, 0, GP_GRAPH_INSTANTIATED, of, exec, flags);
}
static inline void launch(uint64_t exec)
{
    build_graph(&builder, 0, GP_GRAPH_LAUNCHED, 0, exec, 0);
}
static inline void memory(uint64_t address, uint64_t bytes)
{
    build_graph_memory(&builder, 0, GRAPH, address, bytes);
}

static inline void step_with_launch(uint64_t exec)
{
    push("step");
    launch(exec);
    pop();
}

static inline void analyse(void)
{
    build_close(&builder);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(analysis.account.violations, 0);
    assert_true(analysis.account.checks > 0);
}

static inline const struct node_row *row(const char *name)
{
    return node_row_named(&analysis, name);
}

static inline const struct replay_faults *faults(void) { return &analysis.account.replay.faults; }

#endif
