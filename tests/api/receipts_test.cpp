#include "api/receipts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace onsale::api {
namespace {

using domain::RoomId;
using domain::Timestamp;

// RFC 8032, section 7.1, test 1.
constexpr std::string_view rfc_secret =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr std::string_view rfc_public_key =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr std::string_view rfc_signature_of_nothing =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
    "6b"
    "d25bf5f0595bbe24655141438e7a100b";

domain::Visitor visitor() {
  return {.room = {3}, .number = 17, .issued_at = domain::from_millis(1'700'000'000'123)};
}

TEST(SigningKey, IsEd25519) {
  const SigningKey key(rfc_secret);
  EXPECT_EQ(key.public_key(), rfc_public_key);
  EXPECT_EQ(key.sign(""), rfc_signature_of_nothing);
  EXPECT_TRUE(signature_holds(rfc_public_key, "", rfc_signature_of_nothing));
}

TEST(SigningKey, HasAShortNameOfItsOwn) {
  const SigningKey key(rfc_secret);
  const SigningKey other(std::string(64, 'a'));
  EXPECT_THAT(key.id(), ::testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(key.id(), SigningKey(rfc_secret).id());
  EXPECT_NE(key.id(), other.id());
}

TEST(SigningKey, IsMadeFrom64HexDigits) {
  for (const std::string& secret : {std::string(), std::string(63, 'a'), std::string(66, 'a'),
                                    std::string(64, 'g'), "0x" + std::string(62, 'a')}) {
    EXPECT_THROW(SigningKey{secret}, std::invalid_argument) << secret;
  }
}

TEST(Signature, HoldsForItsTextAndKeyOnly) {
  const SigningKey key(rfc_secret);
  const SigningKey other(std::string(64, 'a'));
  const std::string signature = key.sign("seventeen");
  EXPECT_TRUE(signature_holds(key.public_key(), "seventeen", signature));
  EXPECT_FALSE(signature_holds(key.public_key(), "sixteen", signature));
  EXPECT_FALSE(signature_holds(other.public_key(), "seventeen", signature));
  for (std::size_t at = 0; at < signature.size(); ++at) {
    std::string forged = signature;
    forged[at] = forged[at] == '0' ? '1' : '0';
    EXPECT_FALSE(signature_holds(key.public_key(), "seventeen", forged)) << at;
  }
}

TEST(Signature, DoesNotHoldForWhatIsNone) {
  const SigningKey key(rfc_secret);
  const std::string signature = key.sign("x");
  for (const std::string& text : {std::string(), std::string("00"), std::string(128, 'g'),
                                  signature + "00", signature.substr(2)}) {
    EXPECT_FALSE(signature_holds(key.public_key(), "x", text)) << text;
    EXPECT_FALSE(signature_holds(text, "x", signature)) << text;
  }
}

TEST(Receipt, SaysWhichNumberOfWhichRoomWasGivenWhen) {
  const SigningKey key(rfc_secret);
  const Receipt receipt = receipt_of(visitor(), key);
  EXPECT_EQ(receipt_text(receipt), "onsale-receipt:1:3:17:1700000000123");
  EXPECT_EQ(receipt.key_id, key.id());
  EXPECT_TRUE(receipt_holds(receipt, key.public_key()));
  EXPECT_EQ(receipt.signature, receipt_of(visitor(), key).signature);
}

TEST(Receipt, HoldsJustAsItIs) {
  const SigningKey key(rfc_secret);
  const auto changed = [&](auto change) {
    Receipt receipt = receipt_of(visitor(), key);
    change(receipt);
    return receipt_holds(receipt, key.public_key());
  };
  EXPECT_FALSE(changed([](Receipt& r) { r.number = 1; }));
  EXPECT_FALSE(changed([](Receipt& r) { r.room_id = {31}; }));
  EXPECT_FALSE(changed([](Receipt& r) { r.issued_at -= domain::Duration{1}; }));
  EXPECT_FALSE(changed([](Receipt& r) { r.signature.clear(); }));
  EXPECT_FALSE(
      receipt_holds(receipt_of(visitor(), key), SigningKey(std::string(64, 'a')).public_key()));
}

TEST(Receipt, TravelsAsJson) {
  const SigningKey key(rfc_secret);
  const std::string text = http::write(receipt_of(visitor(), key));
  EXPECT_THAT(text, ::testing::StartsWith(
                        R"({"number":17,"room_id":3,"issued_at":"2023-11-14T22:13:20.123Z",)"
                        R"("key_id":")"));
  const auto read = http::parse<Receipt>(text);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(receipt_holds(*read, key.public_key()));
}

}  // namespace
}  // namespace onsale::api
