// Text that is put together from many small pieces, as every JSON answer is.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace onsale::http {

/// A string to append to, inlined: the string's own call and check for each name, comma and number
/// were a third of what it took to write an answer. Throws nothing but std::bad_alloc.
class TextWriter {
 public:
  TextWriter() { grow(usual); }

  /// What was written; the writer is of no further use.
  [[nodiscard]] std::string text() && {
    out_.resize(size_);
    return std::move(out_);
  }

  [[gnu::always_inline]] TextWriter& append(std::string_view text) {
    if (text.empty()) return *this;  // it may point nowhere
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  [[gnu::always_inline]] void push_back(char c) {
    *room(1) = c;
    ++size_;
  }

  /// Where `bytes` may be written, to be followed by wrote().
  char* room(std::size_t bytes) {
    if (out_.size() - size_ < bytes) grow(bytes);
    return out_.data() + size_;
  }
  /// What room() gave was filled up to here.
  void wrote(const char* end) { size_ = static_cast<std::size_t>(end - out_.data()); }

 private:
  static constexpr std::size_t usual = 512;  // most answers: one allocation instead of five

  [[gnu::noinline]] void grow(std::size_t bytes) {
    out_.resize_and_overwrite(2 * size_ + bytes, [](char*, std::size_t size) { return size; });
  }

  std::string out_;       // all the room there is
  std::size_t size_ = 0;  // of the text
};

}  // namespace onsale::http
