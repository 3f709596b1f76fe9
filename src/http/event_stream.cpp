#include "http/event_stream.h"

namespace onsale::http {

namespace {

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t start = out.size();
  out.append(value);
  for (std::size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\n' || out[i] == '\r' || out[i] == '\0') out[i] = ' ';
  }
  out.push_back('\n');
}

/// Takes the next line off, whichever way it ends.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  text.remove_prefix(text.starts_with("\r\n") ? 2 : text.empty() ? 0 : 1);
  return line;
}

}  // namespace

Event::Event(std::string_view id, std::string_view name, std::string_view data) {
  auto text = std::make_shared<std::string>();
  text->reserve(id.size() + name.size() + data.size() + 32);
  if (!id.empty()) append_line(*text, "id", id);
  if (!name.empty()) append_line(*text, "event", name);
  do {
    append_line(*text, "data", next_line(data));
  } while (!data.empty());
  text->push_back('\n');
  text_ = std::move(text);
}

}  // namespace onsale::http
