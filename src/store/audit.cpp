#include "store/audit.h"

#include "store/audit_money.h"
#include "store/audit_rooms.h"
#include "store/audit_sales.h"

namespace onsale::store {
namespace {

Result<void> audit_all(Reader& reader, AuditFindings& findings) {
  SalesAudit sales(reader, findings);
  MoneyAudit money(reader, findings, sales);
  RoomsAudit rooms(reader, findings, sales.users());
  auto read = sales.read();
  if (read) read = money.read_money();
  if (read) read = rooms.read_visitors();
  if (read) read = rooms.read_journal();
  if (!read) return read;
  sales.conclude();
  money.check_accounts();
  rooms.check_rooms();
  return {};
}

}  // namespace

Result<AuditReport> audit(Reader& reader) {
  AuditFindings findings;
  const auto read = reader.snapshot([&]() -> Result<void> { return audit_all(reader, findings); });
  if (!read) return std::unexpected(read.error());
  return std::move(findings.report);
}

}  // namespace onsale::store
