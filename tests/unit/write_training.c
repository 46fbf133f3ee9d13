/* Writes the capture of a small training of N steps to stdout, for tests at the command line. */
#include "small_training.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct builder builder;
    small_training(&builder, argc > 1 ? atoi(argv[1]) : 1);
    size_t written = fwrite(builder.data, 1, builder.size, stdout);
    int status = written == builder.size && fflush(stdout) == 0 ? 0 : 1;
    build_end(&builder);
    return status;
}
