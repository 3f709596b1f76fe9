#include "http/work_pool.h"

#include <stdexcept>

namespace onsale::http {

WorkPool::WorkPool(std::size_t threads, std::size_t queue_max)
    : pending_max_(threads + queue_max), threads_(threads) {
  if (threads == 0 || queue_max == 0) {
    throw std::invalid_argument("a work pool needs at least one thread and one place to wait");
  }
}

WorkPool::~WorkPool() { threads_.join(); }

bool WorkPool::reserve() {
  if (pending_.fetch_add(1, std::memory_order_relaxed) < pending_max_) return true;
  pending_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace onsale::http
