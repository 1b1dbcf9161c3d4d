/* fuzz_lammps.c - throws bytes at the reader of LAMMPS data files. */
#include "tests/fuzz/round_trip.h"
#include "worker/files/configuration_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status write_file(FILE *file, const struct configuration *configuration, struct error *err)
{
    static const double mass[2] = {1.0, 0.5};
    return lammps_data_write(file, configuration, mass, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    round_trip(data, size, lammps_data_parse, write_file);
    return 0;
}
