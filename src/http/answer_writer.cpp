#include "http/answer_writer.h"

#include <fmt/format.h>

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <chrono>

namespace onsale::http {

namespace {

void append_number(std::string& out, std::size_t value) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

/// Appends text that must stay on one line.
void append_line(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out.append(text);
  for (std::size_t i = start; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if ((c < 0x20 && c != '\t') || c == 0x7F) out[i] = ' ';
  }
}

/// Names come from the program itself, what a value says may come from anywhere.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  append_line(out, value);
  out.append("\r\n");
}

}  // namespace

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, const AnswerContext& context) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.push_back(' ');
  const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(response.status));
  out.append(std::string_view(boost::beast::http::obsolete_reason(status)));
  out.append("\r\nServer: onsale\r\nDate: ").append(context.date).append("\r\n");
  if (status_has_body(response.status)) {
    if (!response.content_type.empty()) {
      out.append("Content-Type: ").append(response.content_type).append("\r\n");
    }
    if (!response.is_stream()) {
      out.append("Content-Length: ");
      append_number(out, response.body_view().size());
      out.append("\r\n");
    } else if (context.http11) {  // an older client takes all that comes until the connection ends
      out.append("Transfer-Encoding: chunked\r\n");
    }
  }
  if (!context.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (!context.http11) {
    out.append("Connection: keep-alive\r\n");
  }
  if (!context.traceparent.empty()) append_field(out, "traceparent", context.traceparent);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  out.append("\r\n");
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

}  // namespace onsale::http
