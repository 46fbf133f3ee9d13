#include "nvtx_inject.h"

#include "export.h"
#include "lifecycle.h"
#include "message.h"
#include "nvtx_handlers.h"
#include "options.h"
#include "resolve.h"

static const char *other_tool;

void gp_nvtx_claim(const char *own_path) { other_tool = gp_options_claim_nvtx(own_path); }

void gp_nvtx_complain(void)
{
    if (other_tool)
        gp_message(
            "NVTX_INJECTION64_PATH is set to '%s': NVTX ranges go there and not to graphprof",
            other_tool);
}

/* NVTX's types for function tables are in its header; each copy of NVTX has a table of its own, and
   it may be handed to us more than once. */
static void fill(const NvtxExportTableCallbacks *callbacks, NvtxCallbackModule module,
                 const struct gp_nvtx_handler *handlers)
{
    NvtxFunctionTable table = NULL;
    unsigned size = 0;
    if (!callbacks->GetModuleFunctionTable(module, &table, &size) || !table)
        return;
    for (const struct gp_nvtx_handler *handler = handlers; handler->function; handler++)
        if (handler->id < size && table[handler->id])
            *table[handler->id] = handler->function;
}

GP_EXPORT int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table);

int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_table)
{
    gp_lifecycle_start();
    if (gp_lifecycle_is_idle()) {
        __typeof__(&InitializeInjectionNvtx2) other = NULL;
        /* A function pointer and an object pointer are one size here (POSIX). */
        *(void **)&other = gp_resolve_in_other_copy("InitializeInjectionNvtx2");
        return other ? other(get_table) : 0;
    }
    const NvtxExportTableCallbacks *callbacks = get_table(NVTX_ETID_CALLBACKS);
    if (!callbacks || callbacks->struct_size < sizeof *callbacks)
        return 0;
    fill(callbacks, NVTX_CB_MODULE_CORE, gp_nvtx_core);
    fill(callbacks, NVTX_CB_MODULE_CORE2, gp_nvtx_core2);
    return 1;
}
