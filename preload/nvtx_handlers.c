#include "nvtx_handlers.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "capture.h"
#include "depth.h"
#include "event_time.h"
#include "graphprof/capture_format.h"
#include "ranges.h"
#include "utf8.h"

/* Each handler stands between begin and end; nothing is done where nothing is recorded. */
struct handling {
    int saved_errno;
    bool program;
    bool ready;
};

static struct handling begin(void)
{
    struct handling handling = {errno, false, false};
    handling.program = gp_depth_enter();
    handling.ready = handling.program ? gp_capture_ready() : gp_capture_is_open();
    return handling;
}
static void end(struct handling handling)
{
    gp_depth_leave();
    errno = handling.saved_errno;
}

/* Messages. Where nothing is recorded, no name is needed. */
static struct gp_name name_a(struct handling handling, const char *message)
{
    if (!handling.program || !handling.ready)
        return (struct gp_name){0};
    return gp_name_of(message, message ? (unsigned)strnlen(message, GP_STRING_BYTES_MAX + 1) : 0);
}
static struct gp_name name_w(struct handling handling, const wchar_t *message)
{
    char text[GP_STRING_BYTES_MAX + 1];
    if (!handling.program || !handling.ready)
        return (struct gp_name){0};
    return gp_name_of(text, (unsigned)gp_utf8(message, text, sizeof text));
}
static struct gp_name name_ex(struct handling handling, const nvtxEventAttributes_t *attributes)
{
    switch (attributes ? attributes->messageType : NVTX_MESSAGE_UNKNOWN) {
    case NVTX_MESSAGE_TYPE_ASCII:
        return name_a(handling, attributes->message.ascii);
    case NVTX_MESSAGE_TYPE_UNICODE:
        return name_w(handling, attributes->message.unicode);
    case NVTX_MESSAGE_TYPE_REGISTERED:
        if (!handling.program || !handling.ready)
            return (struct gp_name){0};
        return gp_name_again((uint32_t)(uintptr_t)attributes->message.registered);
    default:
        return name_a(handling, NULL);
    }
}

/* A domain's handle is its number; NULL is the default domain. A registered string's is its string
 * id. */
static unsigned domain_of(nvtxDomainHandle_t handle) { return (unsigned)(uintptr_t)handle; }
static void *handle_of(uintptr_t number)
{
    return (void *)number; // NOLINT(performance-no-int-to-ptr): nobody follows it
}

static int push(struct handling handling, unsigned domain, struct gp_name name)
{
    if (handling.program)
        gp_event_time_boundary();
    const int level =
        handling.ready ? gp_range_push(domain, name, handling.program) : GP_NO_TRACKING;
    end(handling);
    return level;
}
static int pop(struct handling handling, unsigned domain)
{
    if (handling.program)
        gp_event_time_boundary();
    const int level = handling.ready ? gp_range_pop(domain, handling.program) : GP_NO_TRACKING;
    end(handling);
    return level;
}
static nvtxRangeId_t start(struct handling handling, unsigned domain, struct gp_name name)
{
    if (handling.program)
        gp_event_time_boundary();
    const nvtxRangeId_t range =
        handling.program && handling.ready ? gp_range_start(domain, name) : 0;
    end(handling);
    return range;
}
static void finish(struct handling handling, unsigned domain, nvtxRangeId_t range)
{
    if (handling.program)
        gp_event_time_boundary();
    if (handling.program && handling.ready)
        gp_range_end(domain, range);
    end(handling);
}
static void mark(struct handling handling, unsigned domain, struct gp_name name)
{
    if (handling.program && handling.ready)
        gp_mark(domain, name);
    end(handling);
}

static int NVTX_API push_a(const char *message)
{
    const struct handling handling = begin();
    return push(handling, 0, name_a(handling, message));
}
static int NVTX_API push_w(const wchar_t *message)
{
    const struct handling handling = begin();
    return push(handling, 0, name_w(handling, message));
}
static int NVTX_API push_ex(const nvtxEventAttributes_t *attributes)
{
    const struct handling handling = begin();
    return push(handling, 0, name_ex(handling, attributes));
}
static int NVTX_API pop_default(void) { return pop(begin(), 0); }

static nvtxRangeId_t NVTX_API start_a(const char *message)
{
    const struct handling handling = begin();
    return start(handling, 0, name_a(handling, message));
}
static nvtxRangeId_t NVTX_API start_w(const wchar_t *message)
{
    const struct handling handling = begin();
    return start(handling, 0, name_w(handling, message));
}
static nvtxRangeId_t NVTX_API start_ex(const nvtxEventAttributes_t *attributes)
{
    const struct handling handling = begin();
    return start(handling, 0, name_ex(handling, attributes));
}
static void NVTX_API end_range(nvtxRangeId_t range) { finish(begin(), 0, range); }

static void NVTX_API mark_a(const char *message)
{
    const struct handling handling = begin();
    mark(handling, 0, name_a(handling, message));
}
static void NVTX_API mark_w(const wchar_t *message)
{
    const struct handling handling = begin();
    mark(handling, 0, name_w(handling, message));
}
static void NVTX_API mark_ex(const nvtxEventAttributes_t *attributes)
{
    const struct handling handling = begin();
    mark(handling, 0, name_ex(handling, attributes));
}

static int NVTX_API domain_push(nvtxDomainHandle_t domain, const nvtxEventAttributes_t *attributes)
{
    const struct handling handling = begin();
    return push(handling, domain_of(domain), name_ex(handling, attributes));
}
static int NVTX_API domain_pop(nvtxDomainHandle_t domain)
{
    return pop(begin(), domain_of(domain));
}

static nvtxRangeId_t NVTX_API domain_start(nvtxDomainHandle_t domain,
                                           const nvtxEventAttributes_t *attributes)
{
    const struct handling handling = begin();
    return start(handling, domain_of(domain), name_ex(handling, attributes));
}
static void NVTX_API domain_end(nvtxDomainHandle_t domain, nvtxRangeId_t range)
{
    finish(begin(), domain_of(domain), range);
}
static void NVTX_API domain_mark(nvtxDomainHandle_t domain, const nvtxEventAttributes_t *attributes)
{
    const struct handling handling = begin();
    mark(handling, domain_of(domain), name_ex(handling, attributes));
}

/* A domain is but a name until something happens in it: creating one opens no capture. */
static nvtxDomainHandle_t NVTX_API domain_create_a(const char *name)
{
    const int saved_errno = errno;
    gp_depth_enter();
    const uintptr_t domain = gp_domain(name ? name : "");
    gp_depth_leave();
    errno = saved_errno;
    return handle_of(domain);
}
static nvtxDomainHandle_t NVTX_API domain_create_w(const wchar_t *name)
{
    char text[GP_STRING_BYTES_MAX + 1];
    text[gp_utf8(name, text, sizeof text - 1)] = '\0';
    return domain_create_a(text);
}

static nvtxStringHandle_t NVTX_API register_a(nvtxDomainHandle_t domain, const char *string)
{
    (void)domain;
    const struct handling handling = begin();
    const uintptr_t id = name_a(handling, string).id;
    end(handling);
    return handle_of(id);
}
static nvtxStringHandle_t NVTX_API register_w(nvtxDomainHandle_t domain, const wchar_t *string)
{
    (void)domain;
    const struct handling handling = begin();
    const uintptr_t id = name_w(handling, string).id;
    end(handling);
    return handle_of(id);
}

#define CORE(id, function)                                                                         \
    {                                                                                              \
        NVTX_CBID_CORE_##id, (NvtxFunctionPointer)(function)                                       \
    }
#define CORE2(id, function)                                                                        \
    {                                                                                              \
        NVTX_CBID_CORE2_##id, (NvtxFunctionPointer)(function)                                      \
    }

const struct gp_nvtx_handler gp_nvtx_core[] = {
    CORE(MarkEx, mark_ex),        CORE(MarkA, mark_a),         CORE(MarkW, mark_w),
    CORE(RangeStartEx, start_ex), CORE(RangeStartA, start_a),  CORE(RangeStartW, start_w),
    CORE(RangeEnd, end_range),    CORE(RangePushEx, push_ex),  CORE(RangePushA, push_a),
    CORE(RangePushW, push_w),     CORE(RangePop, pop_default), {0, NULL},
};

const struct gp_nvtx_handler gp_nvtx_core2[] = {
    CORE2(DomainMarkEx, domain_mark),         CORE2(DomainRangeStartEx, domain_start),
    CORE2(DomainRangeEnd, domain_end),        CORE2(DomainRangePushEx, domain_push),
    CORE2(DomainRangePop, domain_pop),        CORE2(DomainRegisterStringA, register_a),
    CORE2(DomainRegisterStringW, register_w), CORE2(DomainCreateA, domain_create_a),
    CORE2(DomainCreateW, domain_create_w),    {0, NULL},
};
