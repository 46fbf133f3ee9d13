#include "replay/call_kinds.h"

#include <string.h>

#include "graphprof/call_name.h"

/* Of the kernel's own name, so that no namespace or template argument is taken for one. */
static bool names_optimizer(const char *kernel)
{
    static const char *const words[] = {"adam",    "adagrad", "adadelta", "momentum",    "optim",
                                        "rmsprop", "sgd",     "update",   "multi_tensor"};
    char plain[256];
    gp_kernel_plain_name(kernel, plain, sizeof plain);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasestr(plain, words[i]))
            return true;
    return false;
}

enum gtype call_gtype_by_name(const struct facts *facts, const struct gp_record_call *call)
{
    const struct fact_api *api = facts_api(facts, call->api);
    if (!call_computes(api))
        return GTYPE_OTHER;
    if (api->class_id == GP_CLASS_COMPUTE)
        return gtype_of_api(strings_text(&facts->strings, api->name));
    const char *kernel = strings_text(&facts->strings, call->aux);
    const enum gtype said = gtype_of_api(kernel);
    return said == GTYPE_OTHER && names_optimizer(kernel) ? GTYPE_OPTIMIZER : said;
}
