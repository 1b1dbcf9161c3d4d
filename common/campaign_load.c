/* campaign_load.c - from bytes to a checked campaign: file -> YAML events -> tree -> struct -> meaning.
 *
 * The one file that knows libyaml. We walk its events, not its document API, whose nesting is quadratic, and stop at a
 * depth, so that a hostile file costs no more than its size. */
#include "common/campaign.h"

#include "common/campaign_bind.h"
#include "common/campaign_check.h"
#include "common/campaign_node.h"
#include "common/campaign_report.h"
#include "common/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* The tree as it grows: the open lists and mappings, outermost first. */
struct builder {
    struct campaign_report *report;
    struct node_tree *tree;
    struct node *open[CAMPAIGN_DEPTH_MAX];
    uint32_t depth;
    uint32_t documents;
    bool stop;
    bool broken; /* the rest cannot be read */
};

static struct text_place place_of(yaml_mark_t mark)
{
    return (struct text_place){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static struct node *add_node(struct builder *builder, enum node_kind kind, yaml_mark_t mark, const char *text,
                             size_t size)
{
    struct node *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;
    struct node *node = node_add(builder->tree, parent, kind, place_of(mark), text, size);
    if (!node) {
        builder->report->no_memory = true;
        builder->stop = true;
    }
    return node;
}

/* Anchors and tags would let one place of the file change the meaning of another. */
static void refuse_decoration(struct builder *builder, struct node *node, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    char quote[CAMPAIGN_QUOTE_SIZE];
    if (anchor)
        campaign_report_add(builder->report, node->place, "anchor '&%s': write the value out where it is used",
                            campaign_quote((const char *)anchor, strlen((const char *)anchor), quote));
    if (tag)
        campaign_report_add(builder->report, node->place, "tag '%s': tags have no meaning in a campaign file",
                            campaign_quote((const char *)tag, strlen((const char *)tag), quote));
    node->refused = node->refused || anchor || tag;
}

static void refuse_alias(struct builder *builder, const yaml_event_t *event)
{
    char quote[CAMPAIGN_QUOTE_SIZE];
    const char *name = (const char *)event->data.alias.anchor;
    struct node *node = add_node(builder, NODE_SCALAR, event->start_mark, "", 0);
    if (!node)
        return;
    node->refused = true;
    campaign_report_add(builder->report, node->place, "alias '*%s': write the value out where it is used",
                        campaign_quote(name, strlen(name), quote));
}

static void refuse_bad_text(struct builder *builder, struct node *node)
{
    if (node->size > CAMPAIGN_SCALAR_SIZE_MAX)
        campaign_report_add(builder->report, node->place, "a value of %zu bytes: the limit is %d", node->size,
                            CAMPAIGN_SCALAR_SIZE_MAX);
    else if (memchr(node->text, '\0', node->size))
        campaign_report_add(builder->report, node->place, "a NUL character in a value");
    else
        return;
    node->refused = true;
}

static void add_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct node *node = add_node(builder, NODE_SCALAR, event->start_mark, (const char *)event->data.scalar.value,
                                 event->data.scalar.length);
    if (!node)
        return;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    refuse_decoration(builder, node, event->data.scalar.anchor, event->data.scalar.tag);
    refuse_bad_text(builder, node);
}

static void open_node(struct builder *builder, enum node_kind kind, const yaml_event_t *event,
                      const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (builder->depth == CAMPAIGN_DEPTH_MAX) {
        campaign_report_add(builder->report, place_of(event->start_mark), "nested deeper than %d levels",
                            CAMPAIGN_DEPTH_MAX);
        builder->stop = builder->broken = true;
        return;
    }
    struct node *node = add_node(builder, kind, event->start_mark, NULL, 0);
    if (!node)
        return;
    refuse_decoration(builder, node, anchor, tag);
    builder->open[builder->depth++] = node;
}

static void begin_document(struct builder *builder, const yaml_event_t *event)
{
    if (++builder->documents == 1)
        return;
    campaign_report_add(builder->report, place_of(event->start_mark),
                        "a second document: a campaign file holds one campaign");
    builder->stop = true;
}

static void take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        begin_document(builder, event);
        break;
    case YAML_SCALAR_EVENT:
        add_scalar(builder, event);
        break;
    case YAML_ALIAS_EVENT:
        refuse_alias(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_node(builder, NODE_LIST, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_START_EVENT:
        open_node(builder, NODE_MAPPING, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->depth--;
        break;
    case YAML_STREAM_END_EVENT:
        builder->stop = true;
        break;
    default:
        break;
    }
}

static void report_parser_problem(struct campaign_report *report, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        report->no_memory = true;
    else if (parser->error == YAML_READER_ERROR)
        campaign_report_add(report, campaign_report_place(report, parser->problem_offset), "not UTF-8 text: %s",
                            parser->problem);
    else if (parser->context)
        campaign_report_add(report, place_of(parser->problem_mark), "not YAML: %s, %s that began on line %zu",
                            parser->problem, parser->context, parser->context_mark.line + 1);
    else
        campaign_report_add(report, place_of(parser->problem_mark), "not YAML: %s", parser->problem);
}

static void run_parser(yaml_parser_t *parser, struct builder *builder)
{
    while (!builder->stop) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            report_parser_problem(builder->report, parser);
            builder->broken = true;
            return;
        }
        take_event(builder, &event);
        yaml_event_delete(&event);
    }
}

/* Line breaks that YAML 1.1 knows and editors do not (a lone CR, U+2028, U+2029): with these our line numbers would not
 * be the editor's. */
static bool is_odd_break(const char *p, size_t size)
{
    return (p[0] == '\r' && (size < 2 || p[1] != '\n')) ||
           (size >= 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0));
}

/* Why the byte at p is in no campaign file; NULL when it is fine, with the size of its character. */
static const char *judge_character(const char *p, size_t size, size_t *out_size)
{
    *out_size = 1;
    if (is_odd_break(p, size))
        return "a line break that is not LF or CR LF";
    if (*p == '\n' || *p == '\r' || *p == '\t')
        return NULL;
    if (*p == '\0')
        return "a NUL byte: not a text file";
    *out_size = campaign_printable_size(p, size);
    if (*out_size > 0)
        return NULL;
    return (unsigned char)*p < 0x80 || (unsigned char)*p == 0xc2 ? "a control character" : "not UTF-8 text";
}

/* What no campaign file holds. Returns true if the bytes may be parsed. */
static bool scan_bytes(struct campaign_report *report)
{
    const char *text = report->text;
    if (report->size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        campaign_report_add(report, (struct text_place){1, 1}, "UTF-16 text: save the file as UTF-8");
        return false;
    }
    for (size_t i = 0, size; i < report->size; i += size) {
        const char *why = judge_character(text + i, report->size - i, &size);
        if (why) {
            campaign_report_add(report, campaign_report_place(report, i), "%s", why);
            return false;
        }
    }
    return true;
}

bool campaign_parse(struct campaign_report *report, struct node_tree *out_tree)
{
    *out_tree = (struct node_tree){0};
    if (!scan_bytes(report))
        return false;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        report->no_memory = true;
        return false;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)report->text, report->size);
    struct builder builder = {.report = report, .tree = out_tree};
    run_parser(&parser, &builder);
    yaml_parser_delete(&parser);
    if (!out_tree->root && report->count == 0)
        campaign_report_add(report, (struct text_place){1, 1}, "the file is empty: `vitrine init` writes an example");
    return out_tree->root && !builder.broken && !report->no_memory;
}

/* An extension is judged once the file is sound in itself: half a campaign compares with nothing. */
static void read_campaign(struct campaign_report *report, const struct node_tree *tree,
                          const struct campaign_surroundings *surroundings, struct campaign *campaign)
{
    const struct campaign *before = surroundings->before;
    struct campaign_draft draft;
    campaign_bind(report, tree->root, surroundings, &draft);
    if (!report->no_memory && draft.campaign.ensembles)
        campaign_check(report, &draft);
    if (before && report->count == 0 && !report->no_memory)
        campaign_check_extension(report, &draft, before);
    if (report->count == 0 && !report->no_memory)
        campaign_draft_give(report, &draft, campaign);
    campaign_draft_finish(&draft);
    if (campaign->replicas && !surroundings->is_glance)
        campaign_check_budget(report, tree->root, campaign);
}

static void skip_byte_order_mark(const char **text, size_t *size)
{
    if (*size >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        *size -= 3;
    }
}

static enum status refuse_file(const char *path, FILE *out, struct error *err, const char *why)
{
    fprintf(out, "%s: error: %s\n", path, why);
    return error_set(err, STATUS_CAMPAIGN, "1 error in '%s'", path);
}

enum status campaign_load_within(const char *path, const char *text, size_t size,
                                 const struct campaign_surroundings *surroundings, FILE *out,
                                 struct campaign *out_campaign, struct error *err)
{
    if (size > CAMPAIGN_FILE_SIZE_MAX)
        return refuse_file(path, out, err, "larger than 256 KiB: not a campaign file");
    skip_byte_order_mark(&text, &size);
    struct campaign_report report;
    struct node_tree tree;
    struct campaign campaign = {0};
    campaign_report_init(&report, path, text, size);
    if (campaign_parse(&report, &tree))
        read_campaign(&report, &tree, surroundings, &campaign);
    campaign_report_print(&report, out);
    enum status status = campaign_report_status(&report, err);
    if (status == STATUS_OK)
        *out_campaign = campaign;
    else
        campaign_finish(&campaign);
    node_tree_finish(&tree);
    campaign_report_finish(&report);
    return status;
}

enum status campaign_load_extension(const char *path, const char *text, size_t size, const struct campaign *before,
                                    FILE *out, struct campaign *out_campaign, struct error *err)
{
    const struct campaign_surroundings surroundings = {.before = before};
    return campaign_load_within(path, text, size, &surroundings, out, out_campaign, err);
}

enum status campaign_load_text(const char *path, const char *text, size_t size, FILE *out,
                               struct campaign *out_campaign, struct error *err)
{
    return campaign_load_extension(path, text, size, NULL, out, out_campaign, err);
}

/* O_NONBLOCK: opening a FIFO would wait for a writer. */
static enum status open_file(const char *path, int *out_fd, struct error *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        int os_errno = errno;
        return error_set_errno(err, os_errno == ENOENT || os_errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO, os_errno,
                               "cannot open '%s'", path);
    }
    *out_fd = fd;
    return STATUS_OK;
}

static enum status look_at_file(const char *path, int fd, FILE *out, struct error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return error_set_errno(err, STATUS_IO, errno, "cannot look at '%s'", path);
    if (S_ISDIR(info.st_mode))
        return refuse_file(path, out, err, "a directory, not a campaign file");
    if (!S_ISREG(info.st_mode))
        return refuse_file(path, out, err, "not a regular file");
    return STATUS_OK;
}

/* At most one byte more than a campaign file may have: enough to see that it is too large, whatever fstat said. */
static enum status read_bytes(const char *path, int fd, char *buffer, size_t *out_size, struct error *err)
{
    size_t size = 0;
    while (size <= CAMPAIGN_FILE_SIZE_MAX) {
        ssize_t got = read(fd, buffer + size, CAMPAIGN_FILE_SIZE_MAX + 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, STATUS_IO, errno, "cannot read '%s'", path);
        if (got == 0)
            break;
        size += (size_t)got;
    }
    *out_size = size;
    return STATUS_OK;
}

static enum status read_open_file(const char *path, int fd, FILE *report, char **out_text, size_t *out_size,
                                  struct error *err)
{
    enum status status = look_at_file(path, fd, report, err);
    if (status != STATUS_OK)
        return status;
    char *text = mem_alloc_array(CAMPAIGN_FILE_SIZE_MAX + 1, 1);
    if (!text)
        return mem_error(err, "the campaign file");
    if ((status = read_bytes(path, fd, text, out_size, err)) == STATUS_OK)
        *out_text = text;
    else
        mem_free(text);
    return status;
}

enum status campaign_read_file(const char *path, FILE *report, char **out_text, size_t *out_size, struct error *err)
{
    int fd = -1;
    enum status status = open_file(path, &fd, err);
    if (status != STATUS_OK)
        return status;
    status = read_open_file(path, fd, report, out_text, out_size, err);
    close(fd);
    return status;
}

enum status campaign_load_file(const char *path, FILE *report, struct campaign *out_campaign, struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    enum status status = campaign_read_file(path, report, &text, &size, err);
    if (status == STATUS_OK)
        status = campaign_load_text(path, text, size, report, out_campaign, err);
    mem_free(text);
    return status;
}

void campaign_finish(struct campaign *campaign)
{
    if (!campaign)
        return;
    for (uint32_t i = 0; campaign->ensembles && i < campaign->ensemble_count; i++)
        mem_free(campaign->ensembles[i].temperatures);
    mem_free(campaign->ensembles);
    mem_free(campaign->replicas);
    *campaign = (struct campaign){0};
}
