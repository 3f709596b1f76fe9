// Passwords: Argon2id through libsodium with the parameters of the OWASP Password Storage Cheat
// Sheet (m = 19 MiB, t = 2, p = 1;
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
//
// All of these take tens of milliseconds and 19 MiB: run them on a WorkPool, never on an event
// loop.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace onsale::http {

/// Bytes. The cheat sheet asks for 8 and more; the demo's accounts have the password `onsale`. The
/// upper bound keeps a request from buying unbounded hashing.
inline constexpr std::size_t kPasswordBytesMin = 6;
inline constexpr std::size_t kPasswordBytesMax = 128;

/// The hash with its salt and parameters ("$argon2id$v=19$m=19456,t=2,p=1$..."), about 100
/// characters. Throws std::bad_alloc if 19 MiB cannot be had. Any thread.
[[nodiscard]] std::string hash_password(std::string_view password);

/// True if `hash` was made of `password`, with whatever Argon2 parameters it was made. False also
/// for a hash that is none. Any thread.
[[nodiscard]] bool verify_password(std::string_view password, const std::string& hash);

/// Takes as long as verify_password and is always false: for an account that does not exist, so
/// that the time of an answer does not tell which accounts do.
[[nodiscard]] bool verify_password_of_nobody(std::string_view password);

/// True if `hash` is weaker than what hash_password makes now and should be replaced at the next
/// successful sign-in.
[[nodiscard]] bool password_needs_rehash(const std::string& hash);

}  // namespace onsale::http
