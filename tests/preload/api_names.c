/* Prints the recorder's table: a line "library name" for each function. A colon stands in the name
 * of a kind of calls of one. */
#include <stdio.h>
#include <string.h>

#include "api_table.h"

int main(void)
{
    for (unsigned api = GP_API_NONE + 1; api < GP_API_COUNT; api++)
        if (!strchr(gp_api_rows[api].name, ':'))
            printf("%s %s\n", gp_library_names[gp_api_rows[api].library], gp_api_rows[api].name);
    return 0;
}
