#include "bench/server_process.h"

#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace onsale::bench {

namespace asio = boost::asio;

namespace {

/// The cores that this process may use, before anybody is pinned.
const cpu_set_t& own_cores() {
  static const cpu_set_t own = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof(set), &set) != 0) CPU_SET(0, &set);
    return set;
  }();
  return own;
}

/// `task`: a thread, or 0 for the calling one.
void pin_task(pid_t task, Cores cores) {
  const cpu_set_t& own = own_cores();
  if (CPU_COUNT(&own) < 2) return;
  cpu_set_t set = own;
  if (cores != Cores::all) {
    CPU_ZERO(&set);
    int left = cores == Cores::first ? 0 : 1;
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
      if (!CPU_ISSET(core, &own) || left-- > 0) continue;
      CPU_SET(core, &set);
      break;
    }
  }
  // A thread of the server may have ended meanwhile.
  if (::sched_setaffinity(task, sizeof(set), &set) != 0 && errno != ESRCH) {
    throw std::runtime_error("cannot choose the cores to run on");
  }
}

/// Where this program is, with the other benchmarks.
std::filesystem::path own_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

std::vector<std::string> serve_on_a_free_port(std::vector<std::string> options) {
  options.insert(options.begin(), {"serve", "--listen=127.0.0.1:0"});
  return options;
}

}  // namespace

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

void pin(Cores cores) { pin_task(0, cores); }

void ServerProcess::pin(Cores cores) const {
  const auto tasks = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    pin_task(std::stoi(task.path().filename()), cores);
  }
}

// By way of another constructor: once that is done, the destructor ends what was started even if
// the rest fails.
ServerProcess::ServerProcess(const Program& program, std::vector<std::string> arguments)
    : ServerProcess() {
  arguments.insert(arguments.begin(), program.path);
  start(arguments);
  read_port();
}

ServerProcess::ServerProcess(std::vector<std::string> options)
    : ServerProcess(Program{own_folder().parent_path() / "onsale"},
                    serve_on_a_free_port(std::move(options))) {}

ServerProcess ServerProcess::bare_beast() { return {Program{own_folder() / "bare_beast"}, {}}; }

ServerProcess::~ServerProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  ::close(output_);
}

asio::ip::tcp::endpoint ServerProcess::endpoint() const {
  return {asio::ip::address_v4::loopback(), port_};
}

Usage ServerProcess::usage() const {
  const std::string folder = "/proc/" + std::to_string(pid_);
  std::int64_t pages = 0;
  std::ifstream(folder + "/statm") >> pages >> pages;
  std::string word;
  std::ifstream stat(folder + "/stat");
  for (int i = 0; i < 13; ++i) stat >> word;  // up to the processor times (proc(5))
  double user = 0;
  double system = 0;
  stat >> user >> system;
  return {.mebibytes = static_cast<double>(pages * ::sysconf(_SC_PAGESIZE)) / (1 << 20),
          .cpu_seconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK))};
}

void ServerProcess::start(std::vector<std::string>& arguments) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe to be had");
  output_ = pipe[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, pipe[0]);
  posix_spawn_file_actions_addclose(&actions, pipe[1]);
  std::vector<char*> argv(arguments.size() + 1);  // the last one stays null
  std::ranges::transform(arguments, argv.begin(), [](std::string& text) { return text.data(); });
  const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
}

void ServerProcess::read_port() {
  std::string line;
  for (char byte = 0; ::read(output_, &byte, 1) == 1;) {
    if (byte != '\n') {
      line.push_back(byte);
    } else if (line.starts_with("onsale: ready")) {
      port_ = static_cast<std::uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
      return;
    } else {
      line.clear();  // a demo tells more before
    }
  }
  throw std::runtime_error("the server did not start");
}

}  // namespace onsale::bench
