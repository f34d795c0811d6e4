#include "nodes/backup/backup_commands.hpp"

#include "domain/base/errors.hpp"
#include "domain/text/unicode.hpp"
#include "nodes/options/config.hpp"
#include "nodes/wiring/storage.hpp"
#include "persistence/backup/sqlite_copy.hpp"
#include "persistence/backup/sqlite_restore.hpp"
#include "persistence/files/sqlite_file.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

namespace waybill {

namespace {

namespace fs = std::filesystem;
using arguments = std::vector<std::string>;

constexpr int exit_done = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

constexpr std::string_view backup_help =
  "waybill backup --to=<folder> [--verify=integrity] [options of waybill node]\n"
  "  Copies the SQLite database and the payment provider's ledger beside it, as they are at one moment, into a folder\n"
  "  that does not exist yet, while the node runs. Checks the copies: their integrity, and all invariants unless\n"
  "  --verify=integrity. For PostgreSQL it says what to do instead.\n";
constexpr std::string_view restore_help =
  "waybill restore --from=<folder> [--verify=integrity] [options of waybill node]\n"
  "  Checks a backup and puts it in the place of the SQLite database of a node that is stopped. What lay there is "
  "kept\n"
  "  under another name. For PostgreSQL it says what to do instead.\n";

constexpr std::string_view postgresql_backup =
  "PostgreSQL is backed up by its own means, physically, so that the server's transaction numbers, which are the\n"
  "positions of the event log, are kept (docs/operations.md, \"Back up and restore\"):\n\n"
  "  pg_basebackup --dbname=\"$REPLICATION_URL\" --pgdata=/backup/$(date +%F) --wal-method=stream --checkpoint=fast\n\n"
  "while everything runs, and an archive of the write-ahead log (archive_command) for what comes after it. A dump\n"
  "(pg_dump) alone loses the positions. Nothing was copied.\n";
constexpr std::string_view postgresql_restore =
  "PostgreSQL is restored by its own means (docs/operations.md, \"Back up and restore\"):\n\n"
  "  1. stop all nodes\n"
  "  2. start a PostgreSQL server on the folder of the base backup, with the archive of its write-ahead log if there "
  "is\n"
  "     one (restore_command, recovery.signal)\n"
  "  3. point the nodes at it and start them\n"
  "  4. waybill shell -c \"audit --all\"\n\n"
  "The restored log is another generation of it: a client that comes back with a position of the old one is told so\n"
  "(410 cursor_expired) and begins again with after=earliest. A dump (pg_dump) needs a server with a higher "
  "transaction\n"
  "counter: a node refuses to start on it and the document says what to do. Nothing was changed.\n";

int complain(const std::string& problem, int code) {
  std::cerr << "waybill: " << escape_control_characters(problem, true) << '\n';
  return code;
}

struct command_line {
  std::string folder;
  bool audit = true;
  node_config config;
};

/// `folder_option` is the name of the option with the folder.
result<command_line> read_command_line(arguments words, const std::string& folder_option) {
  command_line line;
  const auto take = [&](const std::string& name) -> std::optional<std::string> {
    const auto option = "--" + name;
    const auto word = std::ranges::find_if(
      words, [&](const auto& given) { return given == option || given.starts_with(option + '='); });
    if (word == words.end())
      return std::nullopt;
    const bool apart = *word == option;
    if (apart && std::next(word) == words.end())
      return std::nullopt;
    auto value = apart ? *std::next(word) : word->substr(option.size() + 1);
    words.erase(word, std::next(word, apart ? 2 : 1));
    return value;
  };
  line.folder = take(folder_option).value_or("");
  const auto verify = take("verify").value_or("all");
  if (verify != "all" && verify != "integrity")
    return failure{ec::invalid_argument, "flag: bad value '" + verify + "' for verify: it must be all or integrity"};
  line.audit = verify == "all";
  auto sources = sources_of_process(std::move(words));
  sources.other_options = {folder_option, "verify"};
  auto loaded = load_config(sources);
  if (loaded.has_error())
    return loaded.error();
  line.config = std::move(loaded->config);
  while (line.folder.size() > 1 && line.folder.ends_with('/'))
    line.folder.pop_back();
  if (line.folder.empty() && !line.config.on_postgresql())
    return failure{ec::invalid_argument, "--" + folder_option + "=<folder> is missing"};
  return line;
}

database_files files_of_node(const node_config& config) {
  return {*sqlite_path(config.store.url), *sqlite_path(ledger_store(config.store).url)};
}

/// Says what was found; whether all is well.
bool tell(const database_report& report) {
  if (!report.audited) {
    std::cout << "not audited: --verify=integrity, or the database is of another version of the program\n";
    return true;
  }
  std::cout << "audited: " << report.units << " units, " << report.events << " events, " << report.found.size()
            << " violations\n";
  for (const auto& violation : report.found)
    std::cout << escape_control_characters("  " + violation.invariant + ' ' + violation.subject + ": "
                                           + violation.detail)
              << '\n';
  return report.found.empty();
}

/// The folder gets its name when all is in it and was checked: what has the name is a backup.
int back_up(const command_line& line) {
  std::error_code ignored;
  if (fs::exists(line.folder, ignored))
    return complain(line.folder + " exists: a backup gets a folder of its own", exit_failed);
  const auto draft = line.folder + ".unfinished";
  const auto copies = files_of_backup(draft);
  if (auto copied = copy_databases(files_of_node(line.config), copies); copied.has_error())
    return complain("no backup was made: " + copied.error().detail, exit_failed);
  auto store = line.config.store;
  store.url = "sqlite:" + copies.store;
  auto ledger = store;
  ledger.url = "sqlite:" + copies.ledger;
  const bool has_ledger = fs::exists(copies.ledger, ignored);
  const auto report = check_database(store, has_ledger ? std::optional{ledger} : std::nullopt, line.audit);
  if (report.has_error())
    return complain("the backup is not sound: " + report.error().detail, exit_failed);
  fs::rename(draft, line.folder);
  sync_to_disk(folder_of(line.folder));
  std::cout << "the backup is in " << line.folder << '\n';
  return tell(*report) ? exit_done : exit_failed;
}

int restore(const command_line& line) {
  const auto place = files_of_node(line.config);
  const auto restored = restore_databases(files_of_backup(line.folder), place, line.audit);
  if (restored.has_error())
    return complain("nothing was restored: " + restored.error().detail, exit_failed);
  for (const auto& file : restored->kept)
    std::cout << "kept what was there: " << file << '\n';
  std::cout << "restored " << place.store << " from " << line.folder << '\n';
  return tell(restored->report) ? exit_done : exit_failed;
}

bool asks_for_help(const arguments& words) {
  return std::ranges::any_of(words, [](const auto& word) { return word == "--help" || word == "-h"; });
}

/// `instead` is what to do with PostgreSQL.
int run(const arguments& words, const std::string& folder_option, std::string_view help, std::string_view instead,
        int (*act)(const command_line&)) {
  if (asks_for_help(words)) {
    std::cout << help;
    return exit_done;
  }
  const auto line = read_command_line(words, folder_option);
  if (line.has_error())
    return complain(line.error().detail, exit_usage);
  if (line->config.on_postgresql()) {
    std::cout << instead;
    return exit_failed;
  }
  return act(*line);
}

} // namespace

int backup_command(const std::vector<std::string>& words) {
  return run(words, "to", backup_help, postgresql_backup, back_up);
}

int restore_command(const std::vector<std::string>& words) {
  return run(words, "from", restore_help, postgresql_restore, restore);
}

} // namespace waybill
