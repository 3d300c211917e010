/* The least a C program can do: what starting one costs. */
#include <stdio.h>

int main(void) {
    puts("hello");
    return 0;
}
