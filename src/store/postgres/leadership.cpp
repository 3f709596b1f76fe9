#include "store/postgres/leadership.h"

namespace onsale::store::postgres {
namespace {

constexpr std::chrono::milliseconds asked_every{500};

/// A session that has it may take it again, as often as it likes.
constexpr const char* take_sql = "select pg_try_advisory_lock(hashtext('onsale leads'))";

/// The server is to notice within two seconds that the one who has the lock is out of reach, and
/// soon after that it is there but does not ask any more.
constexpr const char* noticed_settings =
    "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=1 "
    "-c idle_session_timeout=3s";

}  // namespace

Leadership::Leadership(const Server& server) : session_(server.with(noticed_settings)) {}

bool Leadership::mine() noexcept {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < asked_again_) return mine_;
  const auto asked = guarded([this] { return ask(); });
  mine_ = asked && *asked;
  asked_again_ = std::chrono::steady_clock::now() + asked_every;
  return mine_;
}

bool Leadership::ask() { return session_.get().query(take_sql).row(0).next<bool>(); }

}  // namespace onsale::store::postgres
