// `onsale user`: the accounts, from the machine the data is on. The first organiser is made here.
#include <fmt/format.h>

#include <boost/describe.hpp>
#include <iostream>

#include "app/commands.h"
#include "app/duration.h"
#include "app/execute.h"
#include "app/office.h"
#include "app/token_key.h"
#include "domain/identity.h"
#include "domain/text.h"
#include "engine/office_clock.h"
#include "http/access_token.h"
#include "http/password.h"

namespace onsale::app {
namespace {

struct Options {
  ConfigInputs inputs;
  std::string email;
  std::string name;
  std::string role;
  std::optional<std::string> password;
  bool password_stdin = false;
  std::optional<std::string> lifetime;
  std::size_t buyers = 0;  ///< tokens of so many; 0: of the one with the email
};

/// Checked by the rules of signing up.
struct Person {
  std::string email;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Person, (), (email, name))
constexpr auto rules(const Person*) {
  return http::rule_list(http::rule("email").email(),
                         http::rule("name").not_empty().max_length(200));
}

Done check_person(const Options& options) {
  const auto checked =
      http::parse<Person>(http::write(Person{.email = options.email, .name = options.name}));
  if (checked) return {};
  const http::ParseError& error = checked.error();
  if (error.malformed()) return misused(error.message);
  return misused(fmt::format("--{} {}", error.fields.front().field, error.fields.front().message));
}

/// The first line of stdin if asked for, else what the option said.
std::expected<std::string, Failure> read_password(const Options& options) {
  std::string password = options.password.value_or("");
  if (options.password_stdin) {
    std::getline(std::cin, password);
  } else if (!options.password) {
    return misused("give the password with --password-stdin or --password");
  }
  if (password.size() < http::kPasswordBytesMin || password.size() > http::kPasswordBytesMax) {
    return misused(fmt::format("the password must have {} to {} bytes", http::kPasswordBytesMin,
                               http::kPasswordBytesMax));
  }
  return password;
}

/// Runs a command on the configured office.
template <class Command>
std::expected<engine::OutcomeOf<Command>, Failure> run(const Options& options, Command command) {
  const auto config = configure(options.inputs, "warning");
  if (!config) return std::unexpected(config.error());
  const engine::OfficeClock clock;
  auto office = open_office(*config, clock);
  if (!office) return std::unexpected(office.error());
  auto outcome = execute(*office->engine, std::move(command));
  if (!outcome) return failed(outcome.error());
  return std::move(*outcome);
}

void print_user(const domain::User& user) {
  print(fmt::format("user {}: {}, {}", user.id.value, user.email, domain::to_text(user.role)));
}

Done nobody(const Options& options) {
  if (!domain::is_text(options.email)) return failed("there is no user with such an address");
  return failed(fmt::format("there is no user {}", options.email));
}

Done add(const Options& options) {
  if (auto checked = check_person(options); !checked) return checked;
  const auto password = read_password(options);
  if (!password) return std::unexpected(password.error());
  const auto outcome =
      run(options, domain::CreateUser{.email = options.email,
                                      .name = options.name,
                                      .password_hash = http::hash_password(*password),
                                      .role = *domain::from_text<domain::Role>(options.role)});
  if (!outcome) return std::unexpected(outcome.error());
  if (!outcome->executed()) {
    return failed(fmt::format("there is a user {} already", options.email));
  }
  print_user(outcome->user);
  return {};
}

Done change(const Options& options, domain::ChangeUser command) {
  command.email = options.email;
  const auto outcome = run(options, std::move(command));
  if (!outcome) return std::unexpected(outcome.error());
  if (!outcome->executed()) return nobody(options);
  print_user(outcome->user);
  return {};
}

Done passwd(const Options& options) {
  const auto password = read_password(options);
  if (!password) return std::unexpected(password.error());
  return change(options, {.password_hash = http::hash_password(*password)});
}

Done role(const Options& options) {
  return change(options, {.role = domain::from_text<domain::Role>(options.role)});
}

http::Role role_on_token(domain::Role role) {
  switch (role) {
    case domain::Role::buyer:
      return http::Role::buyer;
    case domain::Role::staff:
      return http::Role::staff;
    case domain::Role::organiser:
      return http::Role::organiser;
  }
  return http::Role::buyer;
}

std::expected<std::chrono::seconds, Failure> token_lifetime(const Options& options,
                                                            const Config& config) {
  const auto lifetime =
      options.lifetime ? parse_duration(*options.lifetime) : config.token_lifetime;
  if (!lifetime || *lifetime < std::chrono::seconds{1}) {
    return misused("--lifetime must be a duration such as 300s, 5m or 12h, at least 1s");
  }
  return std::chrono::duration_cast<std::chrono::seconds>(*lifetime);
}

/// Whose tokens are wanted.
std::expected<std::vector<domain::User>, Failure> users_asked_for(const Options& options,
                                                                  store::Reader& reader) {
  std::vector<domain::User> users;
  if (options.buyers == 0) {
    if (!domain::is_text(options.email)) return std::unexpected(nobody(options).error());
    auto user = reader.user_by_email(domain::normal_email(options.email));
    if (!user) return failed(user.error().message);
    if (!*user) return std::unexpected(nobody(options).error());
    users.push_back(**std::move(user));
    return users;
  }
  const auto all = reader.each_user([&](const domain::User& user) {
    if (user.role == domain::Role::buyer && users.size() < options.buyers) users.push_back(user);
  });
  if (!all) return failed(all.error().message);
  if (users.size() < options.buyers) {
    return failed(fmt::format("there are only {} buyers", users.size()));
  }
  return users;
}

Done token(const Options& options) {
  if (options.email.empty() == (options.buyers == 0)) {
    return misused("token needs --email or --buyers, one of them");
  }
  const auto config = configure(options.inputs, "warning");
  if (!config) return std::unexpected(config.error());
  const auto lifetime = token_lifetime(options, *config);
  if (!lifetime) return std::unexpected(lifetime.error());
  auto store = open_store(*config, store::Access::read_only);
  if (!store) return std::unexpected(store.error());
  auto reader = (*store)->reader();
  if (!reader) return failed(reader.error().message);
  const auto users = users_asked_for(options, **reader);
  if (!users) return std::unexpected(users.error());
  const auto key = existing_token_key(**store);
  if (!key) return failed(key.error());
  const http::AccessTokens tokens(*key, *lifetime);
  const auto now = engine::OfficeClock().now();
  std::string lines;
  for (const domain::User& user : *users) {
    const http::Identity identity{.user_id = user.id.value, .role = role_on_token(user.role)};
    lines += tokens.issue(identity, now).token + "\n";
  }
  lines.pop_back();
  print(lines);
  return {};
}

// ---- the command line --------------------------------------------------------------

void add_password_options(CLI::App& app, Options& options) {
  auto* from_stdin = app.add_flag("--password-stdin", options.password_stdin,
                                  "Read the password from the first line of stdin");
  app.add_option("--password", options.password,
                 "The password; others on this machine may see it in the list of processes")
      ->excludes(from_stdin);
}

void add_role_option(CLI::App& app, Options& options) {
  app.add_option("--role", options.role, "buyer, staff (check-in) or organiser (everything)")
      ->check(CLI::IsMember({"buyer", "staff", "organiser"}));
}

}  // namespace

std::vector<Command> add_user(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* user = root.add_subcommand("user", "Add and change accounts, print access tokens");
  user->require_subcommand(1);
  const auto sub = [&](std::string name, std::string help) {
    CLI::App* app = user->add_subcommand(std::move(name), std::move(help));
    app->add_option("--email", options->email, "Whose account")->required();
    add_config_options(*app, options->inputs);
    return app;
  };
  CLI::App* add_app = sub("add", "Add an account");
  add_app->add_option("--name", options->name, "The person's name")->required();
  options->role = "buyer";
  add_role_option(*add_app, *options);
  add_password_options(*add_app, *options);

  CLI::App* passwd_app = sub("passwd", "Change a password");
  add_password_options(*passwd_app, *options);

  CLI::App* role_app = sub("role", "Change what an account may do");
  add_role_option(*role_app, *options);
  role_app->get_option("--role")->required();

  CLI::App* token_app = sub("token", "Print an access token; works beside a running server");
  token_app->get_option("--email")->required(false);
  token_app->add_option("--buyers", options->buyers,
                        "One token a line of so many buyers, in the order in which they signed up, "
                        "for `onsale rush`");
  token_app->add_option("--lifetime", options->lifetime, "300s, 5m, 12h (identity.token_lifetime)");

  return {{add_app, [options] { return add(*options); }},
          {passwd_app, [options] { return passwd(*options); }},
          {role_app, [options] { return role(*options); }},
          {token_app, [options] { return token(*options); }}};
}

}  // namespace onsale::app
