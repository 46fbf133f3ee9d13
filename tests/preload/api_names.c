/* Prints the recorder's table: a line "library symbol" for each function. A kind of calls of one
 * has no symbol. */
#include <stdio.h>

#include "api_table.h"

int main(void)
{
    for (unsigned api = GP_API_NONE + 1; api < GP_API_COUNT; api++)
        if (gp_api_rows[api].symbol)
            printf("%s %s\n", gp_library_names[gp_api_rows[api].library], gp_api_rows[api].symbol);
    return 0;
}
