#include "worker/cmd/scene.h"

#include "worker/cmd/cmd.h"
#include "worker/files/configuration_read.h"
#include "worker/structure/scene.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static const char help[] =
    "usage: $ KIND FILE... [options]\n"
    "\n"
    "Projects configurations on paper, as CSV for a plotting program: panel, group, depth (0 far .. 1\n"
    "near), x, y, dx, dy (sigma), radius (of a dot; 0: a stick or an arrow from x, y by dx, dy). Files\n"
    "are snapshots, LAMMPS data or extended XYZ. Group 0 is the frame of the box. KIND is\n"
    "  network       icosahedral atoms and the Voronoi faces that they share, one panel a file; groups:\n"
    "                1 other atoms, 2 small and 3 large icosahedral atoms, 4 bonds\n"
    "  bonds         every bond by the number n of edges of its face, one panel a file; groups:\n"
    "                1 large and 2 small atoms, 3 .. 8 bonds of n = 3 .. 8 and more\n"
    "  displacement  arrows from BEFORE to AFTER, one panel a pair of files (minimum images); groups:\n"
    "                1 other and 2 icosahedral atoms that stayed, 3, 4, 5 atoms beyond one, two, three\n"
    "                thresholds\n"
    "\n"
    "  --threshold R   of displacement, sigma; default 0.3\n"
    "\n"
    "example:\n"
    "  $ network glass.xyz > network.csv\n";

enum kind { KIND_NETWORK, KIND_BONDS, KIND_DISPLACEMENT, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = {"network", "bonds", "displacement"};

struct arguments {
    int kind;
    char **paths;
    int path_count;
    double threshold;
    bool help;
};

static enum status parse_words(struct arguments *arguments, int count, char **words, struct error *err)
{
    if (count < 2)
        return error_set(err, STATUS_USAGE, "scene takes a kind and a file; see --help");
    enum status status = cmd_parse_name("KIND", words[0], kind_names, KIND_COUNT, &arguments->kind, err);
    if (status != STATUS_OK)
        return status;
    arguments->paths = words + 1;
    arguments->path_count = count - 1;
    if (arguments->kind == KIND_DISPLACEMENT && arguments->path_count % 2)
        return error_set(err, STATUS_USAGE, "displacements are between pairs of files; see --help");
    return STATUS_OK;
}

static enum status parse_arguments(struct arguments *arguments, int argc, char **argv, struct error *err)
{
    enum { OPTION_THRESHOLD = 256 };
    static const struct option options[] = {
        {"threshold", required_argument, NULL, OPTION_THRESHOLD}, {"help", no_argument, NULL, 'h'}, {0}};
    *arguments = (struct arguments){.threshold = 0.3};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        enum status status = STATUS_OK;
        if (option == OPTION_THRESHOLD)
            status = cmd_parse_real("--threshold", optarg, 0.0, &arguments->threshold, err);
        else if (option == 'h')
            arguments->help = true;
        else
            status = error_set(err, STATUS_USAGE, "see --help");
        if (status != STATUS_OK)
            return status;
    }
    return arguments->help ? STATUS_OK : parse_words(arguments, argc - optind, argv + optind, err);
}

/* Group by group: what looks alike stands together, which a drawing then is one path of, and later groups stand before
 * earlier ones of the same depth. */
static void print_scene(const struct scene *scene, int panel)
{
    uint32_t last = 0;
    for (size_t m = 0; m < scene->count; m++)
        last = scene->marks[m].group > last ? scene->marks[m].group : last;
    for (uint32_t group = 0; group <= last; group++)
        for (size_t m = 0; m < scene->count; m++) {
            const struct scene_mark *mark = &scene->marks[m];
            if (mark->group == group)
                printf("%d,%u,%.4f,%.5f,%.5f,%.5f,%.5f,%.3f\n", panel, mark->group, mark->depth, mark->from[0],
                       mark->from[1], mark->vector[0], mark->vector[1], mark->radius);
        }
}

/* `after` is NULL save for displacements. */
static enum status make_scene(const struct arguments *arguments, const struct configuration *configuration,
                              const struct configuration *after, struct scene *out, struct error *err)
{
    static const struct voronoi_options plain;
    struct voronoi voronoi;
    struct displacement displacement;
    enum status status = voronoi_init(&voronoi, configuration, &plain, err);
    if (status != STATUS_OK)
        return status;
    if (arguments->kind == KIND_NETWORK)
        status = scene_network_init(out, configuration, &voronoi, err);
    else if (arguments->kind == KIND_BONDS)
        status = scene_bonds_init(out, configuration, &voronoi, err);
    else if ((status = displacement_init(configuration, after, &displacement, err)) == STATUS_OK) {
        status = scene_displacement_init(out, configuration, &voronoi, &displacement, arguments->threshold, err);
        displacement_finish(&displacement);
    }
    voronoi_finish(&voronoi);
    return status;
}

static enum status show_panel(const struct arguments *arguments, int panel, struct error *err)
{
    struct configuration configuration, after = {0};
    struct scene scene;
    const bool moved = arguments->kind == KIND_DISPLACEMENT;
    char **paths = arguments->paths + (moved ? 2 * panel : panel);
    enum status status = configuration_read(paths[0], 0, &configuration, err);
    if (status != STATUS_OK)
        return status;
    if (moved)
        status = configuration_read(paths[1], 0, &after, err);
    if (status == STATUS_OK)
        status = make_scene(arguments, &configuration, moved ? &after : NULL, &scene, err);
    if (status == STATUS_OK) {
        print_scene(&scene, panel);
        scene_finish(&scene);
    }
    configuration_finish(&configuration);
    configuration_finish(&after);
    return status;
}

int cmd_scene(int argc, char **argv)
{
    struct arguments arguments;
    struct error err;
    if (parse_arguments(&arguments, argc, argv, &err) != STATUS_OK)
        return cmd_failed(&err);
    if (arguments.help) {
        cmd_print_help(stdout, help, argv[0]);
        return 0;
    }
    const int panels = arguments.kind == KIND_DISPLACEMENT ? arguments.path_count / 2 : arguments.path_count;
    printf("panel,group,depth,x,y,dx,dy,radius\n");
    for (int panel = 0; panel < panels; panel++)
        if (show_panel(&arguments, panel, &err) != STATUS_OK)
            return cmd_failed(&err);
    return 0;
}
