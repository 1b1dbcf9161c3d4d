/* fuzz_xyz.c - throws bytes at the reader of extended XYZ, first and second frame. */
#include "tests/fuzz/round_trip.h"
#include "worker/files/configuration_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status parse_first(struct text *text, struct configuration *out, struct error *err)
{
    return extended_xyz_parse(text, 0, out, err);
}

static enum status write_frame(FILE *file, const struct configuration *configuration, struct error *err)
{
    return extended_xyz_write(file, configuration, 0, err);
}

static enum status parse_second(struct text *text, struct configuration *out, struct error *err)
{
    return extended_xyz_parse(text, 1, out, err);
}

static enum status write_two(FILE *file, const struct configuration *configuration, struct error *err)
{
    enum status status = write_frame(file, configuration, err);
    return status == STATUS_OK ? write_frame(file, configuration, err) : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    round_trip(data, size, parse_first, write_frame);
    round_trip(data, size, parse_second, write_two);
    return 0;
}
