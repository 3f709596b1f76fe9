#include "store/sqlite/log_rewriting.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <span>
#include <vector>

namespace onsale::store::sqlite {
namespace {

// Where things are: https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log".
constexpr std::size_t header_bytes = 32;
constexpr std::size_t header_checksum_at = 24;
constexpr std::size_t page_size_at = 8;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::size_t frame_checksum_at = 16;
constexpr std::size_t salt_bytes = 8;
constexpr std::size_t header_salt_at = 16;
constexpr std::size_t frame_salt_at = 8;
/// What SQLite's file of a Unix system takes at a time is less than 128 KiB.
constexpr std::size_t piece_bytes_max = std::size_t{127} * 1024;

using Bytes = std::span<const unsigned char>;

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

std::uint32_t little_endian(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at + 3]} << 24 | std::uint32_t{bytes[at + 2]} << 16 |
         std::uint32_t{bytes[at + 1]} << 8 | bytes[at];
}

/// Follows the frames of a log from its header on, as a recovery does.
class Frames {
 public:
  explicit Frames(Bytes header)
      : words_are_big_endian_((header[3] & 1U) != 0),
        frame_bytes_(big_endian(header, page_size_at) + frame_header_bytes) {
    std::ranges::copy(header.subspan(header_salt_at, salt_bytes), salt_.begin());
    add(header.first(header_checksum_at));
    broken_ = !is_sum(header, header_checksum_at) || frame_bytes_ > piece_bytes_max;
  }

  [[nodiscard]] std::size_t frame_bytes() const { return frame_bytes_; }
  /// Of all frames so far; nothing if one of them does not belong to this log.
  [[nodiscard]] std::optional<WalIndex::Checksum> sum() const {
    return broken_ ? std::nullopt : std::optional(sum_);
  }

  void follow(Bytes frame) {
    add(frame.first(frame_salt_at));
    add(frame.subspan(frame_header_bytes));
    broken_ |= !std::ranges::equal(frame.subspan(frame_salt_at, salt_bytes), salt_) ||
               !is_sum(frame, frame_checksum_at);
  }

 private:
  void add(Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      sum_[0] += word(bytes, at) + sum_[1];
      sum_[1] += word(bytes, at + 4) + sum_[0];
    }
  }
  [[nodiscard]] std::uint32_t word(Bytes bytes, std::size_t at) const {
    return words_are_big_endian_ ? big_endian(bytes, at) : little_endian(bytes, at);
  }
  [[nodiscard]] bool is_sum(Bytes bytes, std::size_t at) const {
    return big_endian(bytes, at) == sum_[0] && big_endian(bytes, at + 4) == sum_[1];
  }

  bool words_are_big_endian_;
  std::size_t frame_bytes_;
  std::array<unsigned char, salt_bytes> salt_{};
  WalIndex::Checksum sum_{};
  bool broken_ = false;
};

/// A log that is read and written again, piece by piece.
class Rewriting {
 public:
  explicit Rewriting(sqlite3_file* log) : log_(log), buffer_(piece_bytes_max) {}

  [[nodiscard]] int all(const WalIndex& index) {
    if (const int failed = log_->pMethods->xFileSize(log_, &size_)) return failed;
    if (const int failed = frames_that_count(index)) return failed;
    // And what is behind them, lest the disk have something there that could still follow.
    while (at_ < size_) {
      if (const int failed = piece(piece_bytes_max)) return failed;
    }
    return size_ == 0 ? SQLITE_OK : log_->pMethods->xSync(log_, SQLITE_SYNC_NORMAL);
  }

 private:
  [[nodiscard]] int frames_that_count(const WalIndex& index) {
    std::uint32_t left = index.frames();
    if (left == 0) return SQLITE_OK;
    if (const int failed = piece(header_bytes)) return failed;
    if (piece_.size() < header_bytes) return SQLITE_IOERR_DATA;
    Frames frames(piece_);
    while (left > 0 && frames.sum()) {
      const auto count = std::min<std::size_t>(left, piece_bytes_max / frames.frame_bytes());
      if (const int failed = piece(count * frames.frame_bytes())) return failed;
      if (piece_.size() < count * frames.frame_bytes()) return SQLITE_IOERR_DATA;
      for (std::size_t i = 0; i < count; ++i) {
        frames.follow(piece_.subspan(i * frames.frame_bytes(), frames.frame_bytes()));
      }
      left -= static_cast<std::uint32_t>(count);
    }
    return frames.sum() == index.checksum() ? SQLITE_OK : SQLITE_IOERR_DATA;
  }

  /// The next bytes, so many if there are: read, written again, and left in `piece_`.
  [[nodiscard]] int piece(std::size_t bytes_max) {
    const auto bytes = std::min<sqlite3_int64>(size_ - at_, static_cast<sqlite3_int64>(bytes_max));
    piece_ = Bytes(buffer_).first(static_cast<std::size_t>(bytes));
    const int count = static_cast<int>(bytes);
    if (const int failed = log_->pMethods->xRead(log_, buffer_.data(), count, at_)) return failed;
    if (const int failed = log_->pMethods->xWrite(log_, buffer_.data(), count, at_)) return failed;
    at_ += bytes;
    return SQLITE_OK;
  }

  sqlite3_file* log_;
  std::vector<unsigned char> buffer_;
  Bytes piece_;
  sqlite3_int64 at_ = 0;
  sqlite3_int64 size_ = 0;
};

}  // namespace

int rewrite_log(sqlite3_file* log, const WalIndex& index) {
  try {
    return Rewriting(log).all(index);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
}

}  // namespace onsale::store::sqlite
