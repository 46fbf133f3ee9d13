/* Prints the recorder's table: a line "library name" for each function. */
#include <stdio.h>

#include "api_table.h"

int main(void)
{
    for (unsigned api = GP_API_NONE + 1; api < GP_API_COUNT; api++)
        printf("%s %s\n", gp_library_names[gp_api_rows[api].library], gp_api_rows[api].name);
    return 0;
}
