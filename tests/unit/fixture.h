/* What the tests over synthetic captures share: one capture being built and its analysis, made new
 * for each test by `begin` and freed by `finish`. Included once, by a test program. */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include "capture_builder.h"

static struct builder builder;
static struct analysis analysis;

static int begin(void **state)
{
    (void)state;
    build_begin(&builder);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    analysis_free(&analysis);
    build_end(&builder);
    return 0;
}

#endif
