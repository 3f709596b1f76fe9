// `onsale backup`, `restore` and `copy`: a whole box office from one store to another, proven on
// both sides. A backup is a SQLite file like any other, so that `verify` and every SQLite tool read
// it.
#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "app/commands.h"
#include "app/office.h"
#include "store/audit.h"
#include "store/directories.h"
#include "store/fingerprint.h"

namespace onsale::app {
namespace {

namespace fs = std::filesystem;

/// What is in one of the two stores, as of one moment.
struct Contents {
  store::AuditReport audit;
  store::Fingerprint fingerprint;
};

store::Result<Contents> look_into(store::Reader& reader) {
  auto audit = store::audit(reader);
  if (!audit) return std::unexpected(audit.error());
  auto fingerprint = store::fingerprint(reader);
  if (!fingerprint) return std::unexpected(fingerprint.error());
  return Contents{*std::move(audit), *std::move(fingerprint)};
}

/// Copies everything as of one moment; the source may be in use.
store::Result<Contents> copy_contents(store::Store& from, store::Store& to) {
  auto reader = from.reader();
  if (!reader) return std::unexpected(reader.error());
  store::Result<Contents> contents;
  auto copied = (*reader)->snapshot([&]() -> store::Result<void> {
    if (auto filled = to.fill_from(**reader); !filled) return filled;
    contents = look_into(**reader);
    if (!contents) return std::unexpected(contents.error());
    return {};
  });
  if (!copied) return std::unexpected(copied.error());
  return contents;
}

/// Of a store that was closed: what another program will find there.
store::Result<Contents> read_back(const std::string& url) {
  auto store = store::open(url, store::Access::read_only);
  if (!store) return std::unexpected(store.error());
  auto reader = (*store)->reader();
  if (!reader) return std::unexpected(reader.error());
  return look_into(**reader);
}

/// The violations of a copy that is true to its source. Nothing is thrown away for their sake: an
/// operator who has them needs the copy all the more.
Done word_violations(const store::AuditReport& audit, const std::string& name) {
  if (audit.clean()) return {};
  for (const std::string& violation : audit.violations) print("VIOLATION " + violation);
  return failed(fmt::format("{}: copied as it is, but not everything holds in it: {} violations",
                            name, std::ssize(audit.violations) + audit.violations_left_out));
}

/// Copies to the store at `url`. `closed` is called when all is written and nobody has it open,
/// `proven` when it was read back; each may still fail it.
Done copy_proven(store::Store& from, const std::string& url, const std::function<Done()>& closed,
                 const std::function<Done()>& proven) {
  auto to = open_store(url, store::Access::read_write);
  if (!to) return std::unexpected(to.error());
  const std::string name = (*to)->describe();
  const auto source = copy_contents(from, **to);
  if (!source) {
    return failed(
        fmt::format("{} was not copied to {}: {}", from.describe(), name, source.error().message));
  }
  to->reset();
  if (auto whole = closed(); !whole) return whole;
  const auto copy = read_back(url);
  if (!copy) return failed(fmt::format("{} cannot be read back: {}", name, copy.error().message));
  if (copy->fingerprint != source->fingerprint) {
    return failed(fmt::format("{} is NOT the same as {}: {} rows, {} against {} rows, {}", name,
                              from.describe(), copy->fingerprint.rows, copy->fingerprint.hash,
                              source->fingerprint.rows, source->fingerprint.hash));
  }
  if (auto finished = proven(); !finished) return finished;
  print(fmt::format("{} rows, read back and the same: {}", copy->fingerprint.rows,
                    copy->fingerprint.hash));
  if (auto sound = word_violations(copy->audit, name); !sound) return sound;
  print("everything holds");
  return {};
}

Done nothing_more() { return {}; }

/// The new name survives a loss of power.
Done rename_for_good(const fs::path& from, const fs::path& to) {
  std::error_code refused;
  fs::rename(from, to, refused);
  if (refused) return failed(fmt::format("cannot create {}: {}", to.string(), refused.message()));
  if (auto kept = store::sync_directory(to.parent_path()); !kept) {
    return failed(kept.error().message);
  }
  return {};
}

struct FileOptions {
  ConfigInputs inputs;
  std::string file;
};

Done backup(const FileOptions& options) {
  const auto config = configure(options.inputs, "warning");
  if (!config) return std::unexpected(config.error());
  const fs::path file = options.file;
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(file, unknown))) {
    return failed(fmt::format("{} exists already: a backup overwrites nothing", options.file));
  }
  auto from = open_store(*config, store::Access::read_only);
  if (!from) return std::unexpected(from.error());
  // Under its own name there is only ever a whole backup that was read back.
  const std::string partial = options.file + ".partial";
  const auto whole = [&]() -> Done {
    // Only the file itself gets its name: nothing may be left in the log beside it, as there is
    // when the disk was too full to close the database.
    if (fs::file_size(partial + "-wal", unknown) > 0 && !unknown) {
      return failed(fmt::format("{} could not be completed: is the disk full?", partial));
    }
    return {};
  };
  const auto proven = [&]() -> Done {
    if (auto renamed = rename_for_good(partial, file); !renamed) return renamed;
    for (const char* end : {".lock", "-wal", "-shm"}) fs::remove(partial + end, unknown);
    print(options.file);
    return {};
  };
  return copy_proven(**from, "sqlite:" + partial, whole, proven);
}

Done restore(const FileOptions& options) {
  const auto config = configure(options.inputs, "warning");
  if (!config) return std::unexpected(config.error());
  auto from = open_store("sqlite:" + options.file, store::Access::read_only);
  if (!from) return std::unexpected(from.error());
  return copy_proven(**from, config->database_url, nothing_more, nothing_more);
}

struct CopyOptions {
  std::string from;
  std::string to;
};

Done copy(const CopyOptions& options) {
  auto from = open_store(options.from, store::Access::read_only);
  if (!from) return std::unexpected(from.error());
  return copy_proven(**from, options.to, nothing_more, nothing_more);
}

Command add_file_command(CLI::App& root, const char* name, const char* description,
                         const char* file, Done (*run)(const FileOptions&)) {
  auto options = std::make_shared<FileOptions>();
  auto* app = root.add_subcommand(name, description);
  app->add_option("FILE", options->file, file)->required()->type_name("");
  add_config_options(*app, options->inputs);
  return {app, [options, run] { return run(*options); }};
}

}  // namespace

std::vector<Command> add_copying(CLI::App& root) {
  auto options = std::make_shared<CopyOptions>();
  auto* app = root.add_subcommand(
      "copy", "Copy a whole box office into an empty database, and prove that it is the same");
  app->add_option("--from", options->from, "What to copy; a server may be running on it")
      ->type_name("URL")
      ->required();
  app->add_option("--to", options->to, "Where to; nobody may be using it")
      ->type_name("URL")
      ->required();
  return {add_file_command(root, "backup",
                           "Write everything into a new SQLite file, also beside a running server",
                           "The backup; must not exist yet", backup),
          add_file_command(root, "restore", "Fill an empty database with a backup",
                           "The backup, or any SQLite file of a server that was stopped", restore),
          {app, [options] { return copy(*options); }}};
}

}  // namespace onsale::app
