#include "http/problem.h"

#include <algorithm>

#include "http/json_write.h"

namespace onsale::http {

namespace {

void write_value(TextWriter& out, const Problem::Value& value) {
  std::visit(
      [&](const auto& held) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(held)>, std::nullptr_t>) {
          out.append("null");
        } else {
          write_to(out, held);
        }
      },
      value);
}

void write_errors(TextWriter& out, const std::vector<FieldError>& errors) {
  out.append(",\"errors\":[");
  for (std::size_t i = 0; i < errors.size(); ++i) {
    out.append(i == 0 ? "{\"field\":" : ",{\"field\":");
    write_to(out, errors[i].field);
    out.append(",\"message\":");
    write_to(out, errors[i].message);
    out.push_back('}');
  }
  out.push_back(']');
}

}  // namespace

std::string Problem::to_json(std::string_view instance) const {
  TextWriter out;
  out.append("{\"type\":\"/problems/").append(type_->slug).append("\",\"title\":");
  write_to(out, type_->title);
  out.append(",\"status\":").append(std::to_string(type_->status));
  if (!detail_.empty()) {
    out.append(",\"detail\":");
    write_to(out, detail_);
  }
  if (!instance.empty()) {
    out.append(",\"instance\":");
    write_to(out, instance);
  }
  for (const auto& [name, value] : members_) {
    out.push_back(',');
    write_to(out, name);
    out.push_back(':');
    write_value(out, value);
  }
  if (!errors_.empty()) write_errors(out, errors_);
  out.push_back('}');
  return std::move(out).text();
}

Problem&& Problem::with_retry_after(std::chrono::milliseconds wait) && {
  const auto seconds =
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
  return std::move(*this)
      .with("retry_after", seconds)
      .with_header("Retry-After", std::to_string(seconds));
}

const std::vector<const ProblemType*>& problems::generic() {
  static const std::vector<const ProblemType*> all{
      &kMalformedJson,  &kBadRequest,      &kUnauthorized,
      &kForbidden,      &kNotFound,        &kMethodNotAllowed,
      &kRequestTimeout, &kPayloadTooLarge, &kUnsupportedMediaType,
      &kInvalidRequest, &kTooManyRequests, &kHeadersTooLarge,
      &kInternalError,  &kOverloaded};
  return all;
}

Problem overloaded(std::chrono::milliseconds retry_after) {
  return Problem(problems::kOverloaded).with_retry_after(retry_after);
}

Problem invalid_field(std::string field, std::string message) {
  std::string detail = field + " " + message;
  std::vector<FieldError> errors;
  errors.push_back({.field = std::move(field), .message = std::move(message)});
  return Problem(problems::kInvalidRequest, std::move(detail)).with_errors(std::move(errors));
}

}  // namespace onsale::http
