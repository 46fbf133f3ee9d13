#include "utf8.h"

#include <stdint.h>

size_t gp_utf8(const wchar_t *text, char *bytes, size_t size)
{
    size_t n = 0;
    for (; text && *text; text++) {
        uint32_t c = (uint32_t)*text;
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            c = 0xfffd;
        const unsigned length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (n + length > size)
            break;
        if (length == 1) {
            bytes[n++] = (char)c;
            continue;
        }
        /* The first byte says the length in its high bits; six bits in each byte behind it. */
        bytes[n++] = (char)(0xf00 >> length | c >> 6 * (length - 1));
        for (unsigned i = length - 1; i-- > 0;)
            bytes[n++] = (char)(0x80 | (c >> 6 * i & 0x3f));
    }
    return n;
}
