#include "api/dialects/words.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>

#include "api/problems.h"

namespace onsale::api::dialects {
namespace {

namespace generic = http::problems;

constexpr std::array common{
    Wording{&generic::kMalformedJson, 400, "요청 본문이 올바른 JSON이 아닙니다."},
    Wording{&generic::kInvalidRequest, 400, "요청 값이 올바르지 않습니다."},
    Wording{&generic::kUnsupportedMediaType, 400, "요청 본문은 application/json이어야 합니다."},
    Wording{&generic::kBadRequest, 400, "잘못된 요청입니다."},
    Wording{&generic::kUnauthorized, 401, "인증이 필요합니다."},
    Wording{&generic::kForbidden, 403, "권한이 없습니다."},
    Wording{&generic::kNotFound, 404, "존재하지 않습니다."},
    Wording{&generic::kMethodNotAllowed, 405, "허용되지 않는 메서드입니다."},
    Wording{&generic::kRequestTimeout, 408, "요청이 제시간에 도착하지 않았습니다."},
    Wording{&generic::kTooManyRequests, 429, "요청이 너무 잦습니다. 잠시 후 다시 시도해 주세요."},
    Wording{&generic::kHeadersTooLarge, 431, "요청 헤더가 너무 큽니다."},
    Wording{&generic::kPayloadTooLarge, 413, "요청 본문이 너무 큽니다."},
    Wording{&generic::kInternalError, 500, "서버 내부 오류가 발생했습니다."},
    Wording{&generic::kOverloaded, 503, "요청이 많습니다. 잠시 후 다시 시도해 주세요."},
    Wording{&problems::draining, 503, "서버를 점검하고 있습니다. 잠시 후 다시 시도해 주세요."},
    Wording{&problems::store_unavailable, 503,
            "지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요."},
    Wording{&problems::user_not_found, 404, "존재하지 않는 유저입니다."},
    Wording{&problems::room_closed, 409, "대기열이 마감되었습니다."},
    Wording{&problems::not_admitted, 403, "아직 입장할 순서가 아닙니다."},
    Wording{&problems::proof_of_work_required, 403,
            "이 대기열에 입장하려면 작업 증명이 필요합니다. 이 API로는 입장할 수 없습니다."},
    Wording{&problems::sale_not_open, 409, "아직 예매가 시작되지 않았습니다."},
    Wording{&problems::sale_closed, 409, "예매가 종료되었습니다."},
    Wording{&problems::seat_limit, 409, "예매할 수 있는 좌석 수를 초과했습니다."},
    Wording{&problems::seat_taken, 409, "이미 선점된 좌석입니다."},
    Wording{&problems::already_paid, 409, "이미 결제된 예약입니다."},
    Wording{&problems::reservation_expired, 409, "선점 시간이 지났습니다."},
    Wording{&problems::insufficient_funds, 402, "포인트가 부족합니다."},
    Wording{&problems::balance_limit, 400, "충전할 수 있는 한도를 초과했습니다."},
};

const Wording* find(std::span<const Wording> words, const http::ProblemType& type) {
  for (const Wording& wording : words) {
    if (wording.type == &type) return &wording;
  }
  return nullptr;
}

/// Which fields are wrong, for the developer who reads it.
std::string with_fields(std::string message, const http::Problem& problem) {
  std::string_view separator = " ";
  for (const auto& [field, what] : problem.errors()) {
    message.append(separator).append(field).append(field.empty() ? "" : ": ").append(what);
    separator = "; ";
  }
  return message;
}

}  // namespace

Said say(const http::Problem& problem, std::span<const Wording> own) {
  Said said{
      .status = problem.status(),
      .message = problem.detail().empty() ? std::string(problem.type().title) : problem.detail(),
      .code = {}};
  for (const Wording* wording : {find(common, problem.type()), find(own, problem.type())}) {
    if (!wording) continue;
    if (wording->status != 0) said.status = wording->status;
    if (!wording->message.empty()) said.message = wording->message;
    if (!wording->code.empty()) said.code = wording->code;
  }
  said.message = with_fields(std::move(said.message), problem);
  return said;
}

http::Problem reworded(http::Problem problem, const http::ProblemType& from,
                       const http::ProblemType& to) {
  return &problem.type() == &from ? http::Problem(to) : std::move(problem);
}

std::vector<std::pair<std::string, std::string>> headers_of(int status,
                                                            const http::Problem& problem) {
  constexpr std::string_view challenge = "WWW-Authenticate";
  auto headers = problem.headers();
  const bool challenged =
      std::ranges::any_of(headers, [&](const auto& header) { return header.first == challenge; });
  if (status == 401 && !challenged) headers.emplace_back(challenge, "Bearer");
  return headers;
}

std::string reason_phrase(int status) {
  return boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
}

}  // namespace onsale::api::dialects
