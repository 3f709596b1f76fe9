// One transaction on the tables: every step is guarded and noted down, and all of them are
// taken back unless keep() is called.
#pragma once

#include <functional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "store/memory/guards.h"
#include "store/memory/tables.h"

namespace onsale::store::memory {

class Batch {
 public:
  explicit Batch(Tables& tables) : tables_(tables) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() {
    for (const auto& undo : undo_ | std::views::reverse) undo();
  }

  /// The changes stay. Nothing can fail from here on.
  void keep() { undo_.clear(); }

  template <class Key, class Row>
  void insert(std::map<Key, Row>& table, const Key& key, const Row& row, const char* key_guard) {
    if (table.contains(key)) throw Violation{key_guard};
    check(tables_, row);
    table.emplace(key, row);
    note(tables_, row, true);
    undo_.emplace_back([this, &table, key] {
      const auto at = table.find(key);
      note(tables_, at->second, false);
      table.erase(at);
    });
  }

  template <class Key, class Row>
  void replace(std::map<Key, Row>& table, const Key& key, const Row& row,
               const char* exists_guard) {
    const auto at = table.find(key);
    if (at == table.end()) throw Violation{exists_guard};
    check(tables_, row);
    undo_.emplace_back([this, &table, key, before = at->second] { set(table, key, before); });
    set(table, key, row);
  }

 private:
  template <class Key, class Row>
  void set(std::map<Key, Row>& table, const Key& key, const Row& row) {
    Row& now = table.at(key);
    note(tables_, now, false);
    now = row;
    note(tables_, now, true);
  }

  Tables& tables_;
  std::vector<std::function<void()>> undo_;
};

}  // namespace onsale::store::memory
