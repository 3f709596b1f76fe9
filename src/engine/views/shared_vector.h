// A sequence whose copies share what is the same in them: to copy one and change a few elements
// takes little more than those, and a pointer for each 128.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <vector>

namespace onsale::engine {

/// Copies may be read, copied and destroyed on different threads. What changes one, set() and
/// push_back(), is for a copy that no other thread knows yet, while the one it was made from is
/// still there.
template <class T>
class SharedVector {
 public:
  SharedVector() = default;
  SharedVector(std::size_t size, const T& value) {
    for (std::size_t i = 0; i < size; ++i) push_back(value);
  }
  SharedVector(std::initializer_list<T> values) {
    for (const T& value : values) push_back(value);
  }
  // To be moved is to be copied, so that nothing half empty is left.
  SharedVector(const SharedVector&) = default;
  SharedVector& operator=(const SharedVector&) = default;
  ~SharedVector() = default;

  [[nodiscard]] std::size_t size() const { return size_; }

  /// `index` must be less than size(), here and in set().
  [[nodiscard]] const T& operator[](std::size_t index) const {
    return (*chunks_[index / chunk_size])[index % chunk_size];
  }

  void set(std::size_t index, const T& value) {
    own(chunks_[index / chunk_size])[index % chunk_size] = value;
  }

  void push_back(const T& value) {
    if (size_ % chunk_size == 0) chunks_.push_back(std::make_shared<Chunk>());
    set(size_++, value);
  }

 private:
  static constexpr std::size_t chunk_size = 128;
  using Chunk = std::array<T, chunk_size>;

  static Chunk& own(std::shared_ptr<Chunk>& chunk) {
    if (chunk.use_count() > 1) chunk = std::make_shared<Chunk>(*chunk);
    return *chunk;
  }

  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace onsale::engine
