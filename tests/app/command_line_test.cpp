#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/app/temporary_folder.h"

namespace onsale::app {
namespace {

using testing::HasSubstr;

constexpr const char* event_file = ONSALE_SOURCE_DIR "/data/events/hall-concert.json";
constexpr const char* plan_file = ONSALE_SOURCE_DIR "/data/plans/hall.json";

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

Ended onsale(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "onsale");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_command_line(static_cast<int>(arguments.size()), arguments.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(CommandLine, PrintsTheVersion) {
  const Ended ended = onsale({"version"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "onsale " ONSALE_VERSION "\n");
}

TEST(CommandLine, HelpNamesEveryCommandAndServeEveryKey) {
  const Ended help = onsale({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* command : {"serve", "import", "user", "verify", "draw", "version"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
  }
  EXPECT_THAT(onsale({"serve", "--help"}).out, HasSubstr("waiting_room.session_duration = 600s"));
}

TEST(CommandLine, MisuseEndsWithTwo) {
  EXPECT_EQ(onsale({}).code, 2);
  EXPECT_EQ(onsale({"sell"}).code, 2);
  EXPECT_EQ(onsale({"serve", "--port", "80"}).code, 2);
  EXPECT_EQ(onsale({"serve", "--demo-anywhere"}).code, 2);
  EXPECT_EQ(onsale({"user", "role", "--email", "a@b.c", "--role", "king"}).code, 2);
  const Ended unknown = onsale({"serve", "--set", "server.thread=1"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("server.thread (from --set) is not a configuration key"));
}

TEST(CommandLine, DemoStaysOnThisMachine) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "192.0.2.1:80"}) {
    const Ended ended = onsale({"serve", "--demo", "--database", "memory:", "--listen", listen});
    EXPECT_EQ(ended.code, 2) << listen;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr(listen));
    EXPECT_THAT(ended.err, HasSubstr("--demo-anywhere"));
  }
}

TEST(CommandLine, UnusableDatabaseEndsWithOne) {
  const Ended ended = onsale({"verify", "--database", "oracle:scott"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("oracle:scott"));
}

TEST(CommandLine, AddsUsers) {
  const auto add = [](const char* email, const char* password) {
    return onsale({"user", "add", "--database", "memory:", "--email", email, "--name", "Kim",
                   "--role", "organiser", "--password", password});
  };
  const Ended added = add("Kim@Example.com", "secret");
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_EQ(added.out, "user 1: kim@example.com, organiser\n");
  EXPECT_THAT(add("kim", "secret").err, HasSubstr("--email must be an email address"));
  EXPECT_EQ(add("kim@example.com", "short").code, 2);
}

TEST(CommandLine, ImportsAnEventOrNothing) {
  const Ended imported = onsale({"import", "--database", "memory:", event_file});
  EXPECT_EQ(imported.code, 0) << imported.err;
  EXPECT_EQ(imported.out, "event 1\nperformance 1: 50 seats\nperformance 2: 50 seats\n");
  const Ended missing =
      onsale({"import", "--database", "memory:", "--performance", "7", plan_file});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("there is no performance 7"));
}

}  // namespace
}  // namespace onsale::app
