#include "address_list.h"

#include <string.h>

#include "graphprof/capture_format.h"

#define NUMBER_BYTES_MAX 10u

unsigned gp_address_list_write(uint64_t *to, unsigned most, const uint64_t *addresses, unsigned n)
{
    struct gp_record_addresses head = {n, 0, 0};
    unsigned char *const bytes = (unsigned char *)(to + sizeof head / 8);
    uint64_t all = 0, before = 0, room, used = 0;
    for (unsigned i = 0; i < n; i++)
        all |= addresses[i];
    head.shift = all ? (uint16_t)__builtin_ctzll(all) : 0;
    if (most > GP_RECORD_WORDS_MAX - 1)
        most = GP_RECORD_WORDS_MAX - 1;
    if (most < sizeof head / 8)
        return 0;
    room = (most - sizeof head / 8) * sizeof *to;
    for (unsigned i = 0; i < n; i++) {
        const uint64_t address = addresses[i] >> head.shift;
        const uint64_t difference = address - before;
        uint64_t number = difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
        if (room - used < NUMBER_BYTES_MAX) {
            memset(bytes, 0, used);
            return 0;
        }
        for (; number > 0x7f; number >>= 7)
            bytes[used++] = (unsigned char)(number | 0x80);
        bytes[used++] = (unsigned char)number;
        before = address;
    }
    head.bytes = (uint16_t)used;
    memcpy(to, &head, sizeof head);
    while (used % sizeof *to)
        bytes[used++] = 0;
    return (unsigned)(sizeof head / 8 + used / sizeof *to);
}
