// What goes wrong, as a value: RFC 9457 problem details. Every error an endpoint can answer
// is a `Problem` of a declared `ProblemType`, so that the list of errors in the OpenAPI document
// and the pages under /problems/ come from the same constants that the code answers with.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace onsale::http {

/// A kind of problem. Declare them as `inline constexpr ProblemType kSeatTaken{...}`: routes refer
/// to them by address and the strings must live as long as the program.
struct ProblemType {
  std::string_view slug;   // "seat-taken"; the problem's `type` is "/problems/seat-taken"
  int status = 500;        // HTTP status code
  std::string_view title;  // one line, the same for every occurrence
  std::string_view description = {};  // for the page under /problems/, plain sentences
};

/// What is wrong with one field of a request. `field` is a path: "seats[2].seat_id".
struct FieldError {
  std::string field;
  std::string message;

  bool operator==(const FieldError&) const = default;
};

/// One occurrence of a problem.
class Problem {
 public:
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, std::string,
                             std::vector<std::int64_t>, std::vector<std::string>>;
  using Member = std::pair<std::string, Value>;

  /// `type` must outlive the problem. `detail` is a sentence for the person who reads it; it may
  /// be empty and is then left out.
  explicit Problem(const ProblemType& type, std::string detail = {})
      : type_(&type), detail_(std::move(detail)) {}

  /// Adds an extension member: `Problem(kSeatTaken).with("seat_ids", ids)`.
  Problem&& with(std::string name, Value value) && {
    members_.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Problem&& with(std::string name, std::integral auto value) && {
    if constexpr (std::same_as<decltype(value), bool>) {
      return std::move(*this).with(std::move(name), Value(value));
    } else {
      return std::move(*this).with(std::move(name), Value(static_cast<std::int64_t>(value)));
    }
  }
  Problem&& with(std::string name, std::nullptr_t) && {
    return std::move(*this).with(std::move(name), Value(nullptr));
  }
  Problem&& with(std::string name, const char* value) && {
    return std::move(*this).with(std::move(name), Value(std::string(value)));
  }

  /// Adds a response header. Line breaks in it are written as spaces.
  Problem&& with_header(std::string name, std::string value) && {
    headers_.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }

  /// Sets both the `Retry-After` header and the member `retry_after`, in whole seconds, rounded up.
  Problem&& with_retry_after(std::chrono::milliseconds wait) &&;

  /// What is wrong with the request, field by field; written as the member `errors`.
  Problem&& with_errors(std::vector<FieldError> errors) && {
    errors_ = std::move(errors);
    return std::move(*this);
  }

  [[nodiscard]] const ProblemType& type() const { return *type_; }
  [[nodiscard]] int status() const { return type_->status; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] const std::vector<FieldError>& errors() const { return errors_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const {
    return headers_;
  }

  /// The `application/problem+json` document. `instance` is the path of the request, empty to
  /// leave it out.
  [[nodiscard]] std::string to_json(std::string_view instance) const;

 private:
  const ProblemType* type_;
  std::string detail_;
  std::vector<Member> members_;
  std::vector<FieldError> errors_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

/// The problems of the protocol itself; rooms above it declare their own.
namespace problems {
inline constexpr ProblemType kMalformedJson{
    "malformed-json", 400, "The body is not valid JSON",
    "The body could not be read as one JSON document: a syntax error, invalid UTF-8, a key given "
    "twice in one object, or nesting that is too deep."};
inline constexpr ProblemType kBadRequest{
    "bad-request", 400, "The request is not valid HTTP",
    "The request line, a header, the path or the body's framing could not be understood."};
inline constexpr ProblemType kUnauthorized{
    "unauthorized", 401, "Sign in first",
    "The access token is missing, malformed, expired or not signed by this box office. Sign in "
    "again and send the token as `Authorization: Bearer <token>`."};
inline constexpr ProblemType kForbidden{"forbidden", 403, "Not allowed",
                                        "The account's role does not allow this operation."};
inline constexpr ProblemType kNotFound{"not-found", 404, "Not found",
                                       "There is nothing at this address."};
inline constexpr ProblemType kMethodNotAllowed{
    "method-not-allowed", 405, "Method not allowed",
    "The address exists, but not with this method; the `Allow` header lists those it has."};
inline constexpr ProblemType kRequestTimeout{
    "request-timeout", 408, "The request took too long to arrive",
    "The header or the body of the request was not complete in time."};
inline constexpr ProblemType kPayloadTooLarge{"payload-too-large", 413, "The body is too large",
                                              "The body is larger than this address takes."};
inline constexpr ProblemType kUnsupportedMediaType{
    "unsupported-media-type", 415, "Unsupported media type",
    "This address takes JSON; send it as `Content-Type: application/json`."};
inline constexpr ProblemType kInvalidRequest{
    "invalid-request", 422, "The request is not valid",
    "The JSON was understood, but a field is missing, unknown, of the wrong type or out of range. "
    "`errors` names each field and what is wrong with it."};
inline constexpr ProblemType kTooManyRequests{
    "too-many-requests", 429, "Too many requests",
    "Wait as long as `Retry-After` says, then try again."};
inline constexpr ProblemType kHeadersTooLarge{
    "headers-too-large", 431, "The headers are too large",
    "The request's header is larger than the server takes."};
inline constexpr ProblemType kInternalError{
    "internal-error", 500, "Something went wrong",
    "A fault in the server, not in the request. Its log has more under the `request_id`."};
inline constexpr ProblemType kOverloaded{
    "overloaded", 503, "Too busy at the moment",
    "The server has more work than it can queue. Nothing was done; wait as long as `Retry-After` "
    "says, then try again."};

/// All of the above.
[[nodiscard]] const std::vector<const ProblemType*>& generic();
}  // namespace problems

/// 503 with `Retry-After`, for a full queue.
[[nodiscard]] Problem overloaded(std::chrono::milliseconds retry_after = std::chrono::seconds(1));

/// 422 for a single field.
[[nodiscard]] Problem invalid_field(std::string field, std::string message);

}  // namespace onsale::http
