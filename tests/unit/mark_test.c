/* Marks by which a program names a tensor and its role. */
#include "capture_builder.h"

#include "roles/mark.h"

static void marks_are_read(void **state)
{
    (void)state;
    struct mark mark;
    assert_int_equal(mark_parse("graphprof.tensor ptr=0x7f10 role=opt_state name=fc.m tail", &mark),
                     MARK_TENSOR);
    assert_int_equal(mark.address, 0x7f10);
    assert_int_equal(mark.role, GP_ROLE_OPT_STATE);
    assert_memory_equal(mark.name, "fc.m ", 5);
    assert_int_equal(mark_parse("graphprof.tensor role=input ptr=16", &mark), MARK_TENSOR);
    assert_int_equal(mark.address, 16);
    assert_null(mark.name);
    static const char *const bad[] = {
        "graphprof.tensor role=input",
        "graphprof.tensor ptr=0x10",
        "graphprof.tensor ptr=z role=input",
        "graphprof.tensor ptr=0x10 role=inputs",
        "graphprof.tensor ",
        "graphprof.tensor ptr=0x10x role=input",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(mark_parse(bad[i], &mark), MARK_BAD);
    assert_int_equal(mark_parse("epoch 3", &mark), MARK_NOT_OURS);
}

/* In a capture: name and role as marked, bad marks counted. */
static void marks_name_tensors(void **state)
{
    (void)state;
    struct builder builder;
    struct analysis analysis;
    build_begin(&builder);
    build_alloc(&builder, 0, 0x1000, 64);
    build_mark(&builder, 0, "graphprof.tensor ptr=0x1004 role=library name=cublas");
    build_mark(&builder, 0, "graphprof.tensor ptr=0x5000 role=library");
    build_push(&builder, 0, "step");
    build_pop(&builder, 0);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    assert_int_equal(tensor_named(&analysis, "cublas")->role, GP_ROLE_LIBRARY);
    assert_int_equal(analysis.identify.bad_marks, 1);
    analysis_free(&analysis);
    build_end(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_read),
        cmocka_unit_test(marks_name_tensors),
    };
    return cmocka_run_group_tests_name("mark", tests, NULL, NULL);
}
