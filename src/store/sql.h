// SQL put together at compile time, so that a list of columns is written once and a
// statement is still a constant, known by its address.
#pragma once

#include <algorithm>
#include <cstddef>

namespace onsale::store {

template <std::size_t N>
struct Sql {
  char text[N]{};

  consteval Sql(const char (&from)[N]) { std::copy_n(from, N, text); }  // NOLINT
  consteval Sql() = default;

  template <std::size_t M>
  friend consteval Sql<N + M - 1> operator+(const Sql& left, const Sql<M>& right) {
    Sql<N + M - 1> both;
    std::copy_n(left.text, N - 1, both.text);
    std::copy_n(right.text, M, both.text + N - 1);
    return both;
  }
  template <std::size_t M>
  friend consteval Sql<N + M - 1> operator+(const Sql& left, const char (&right)[M]) {
    return left + Sql<M>(right);
  }
};

}  // namespace onsale::store
