/* Every form of NVTX's calls, in the default domain and in one of the program's. */
#define NVTX_SUPPRESS_V2_DEPRECATION_WARNING
#include <nvtx3/nvToolsExt.h>
#include <string.h>
#include <wchar.h>

#include "check.h"

static nvtxEventAttributes_t attributes(void)
{
    nvtxEventAttributes_t made;
    memset(&made, 0, sizeof made);
    made.version = NVTX_VERSION;
    made.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    return made;
}

static void default_domain(nvtxEventAttributes_t *a, nvtxEventAttributes_t *w)
{
    check(nvtxRangePushA("push a") == 0 && nvtxRangePushW(L"push w") == 1, "pushes");
    check(nvtxRangePushEx(a) == 2 && nvtxRangePushEx(w) == 3, "pushes with attributes");
    for (int level = 3; level >= 0; level--)
        check(nvtxRangePop() == level, "a pop");
    nvtxRangeEnd(nvtxRangeStartA("start a"));
    nvtxRangeEnd(nvtxRangeStartW(L"start w"));
    nvtxRangeEnd(nvtxRangeStartEx(a));
    nvtxMarkA("mark a");
    nvtxMarkW(L"mark w");
    nvtxMarkEx(w);
}

static void own_domain(nvtxDomainHandle_t domain, nvtxEventAttributes_t *a)
{
    nvtxEventAttributes_t registered = attributes();
    registered.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
    registered.message.registered = nvtxDomainRegisterStringW(domain, L"registered w");
    check(nvtxDomainRangePushEx(domain, a) == 0, "a push");
    check(nvtxDomainRangePushEx(domain, &registered) == 1, "a push of a registered name");
    check(nvtxDomainRangePop(domain) == 1, "a pop");
    check(nvtxDomainRangePop(domain) == 0, "the last pop");
    nvtxDomainRangeEnd(domain, nvtxDomainRangeStartEx(domain, &registered));
    nvtxDomainMarkEx(domain, a);
}

int main(void)
{
    nvtxEventAttributes_t a = attributes(), w = attributes(), none = attributes();
    a.messageType = NVTX_MESSAGE_TYPE_ASCII;
    a.message.ascii = "in attributes";
    w.messageType = NVTX_MESSAGE_TYPE_UNICODE;
    w.message.unicode = L"wide in attributes";
    default_domain(&a, &w);
    const nvtxDomainHandle_t by_a = nvtxDomainCreateA("own"),
                             by_w = nvtxDomainCreateW(L"eigen \u00df");
    own_domain(by_a, &a);
    own_domain(by_w, &w);
    check(nvtxRangePushEx(&none) == 0 && nvtxRangePop() == 0, "a range without a name");
    nvtxDomainDestroy(by_a);
    nvtxDomainDestroy(by_w);
    return checked();
}
