"""Why pydantic does not take a value, for those who read Indonesian. English is its own."""

import re
from collections.abc import Mapping

FIELD_REASONS: Mapping[str, str] = {
    "missing": "wajib diisi",
    "extra_forbidden": "tidak dikenal",
    "json_invalid": "bukan JSON yang sah",
    "json_type": "bukan JSON yang sah",
    "invalid_key": "nama isiannya harus berupa teks",
    "recursion_loop": "tersarang terlalu dalam",
    "recursion_depth_exceeded": "tersarang terlalu dalam",
    "none_required": "harus kosong",
    "model_type": "harus berupa objek",
    "model_attributes_type": "harus berupa objek",
    "dict_type": "harus berupa objek",
    "mapping_type": "harus berupa objek",
    "list_type": "harus berupa daftar",
    "tuple_type": "harus berupa daftar",
    "set_type": "harus berupa daftar",
    "frozen_set_type": "harus berupa daftar",
    "iterable_type": "harus berupa daftar",
    "set_item_not_hashable": "isi daftarnya tidak dapat dipakai",
    "too_short": "terlalu sedikit: paling sedikit {}",
    "too_long": "terlalu banyak: paling banyak {}",
    "string_type": "harus berupa teks",
    "string_unicode": "bukan teks Unicode yang sah",
    "string_not_ascii": "harus huruf ASCII",
    "string_too_short": "terlalu pendek: paling sedikit {} karakter",
    "string_too_long": "terlalu panjang: paling banyak {} karakter",
    "string_pattern_mismatch": "bentuknya tidak sesuai",
    "bytes_type": "harus berupa teks",
    "bytes_too_short": "terlalu pendek: paling sedikit {}",
    "bytes_too_long": "terlalu panjang: paling banyak {}",
    "bytes_invalid_encoding": "bukan teks Unicode yang sah",
    "enum": "bukan salah satu pilihan: {}",
    "literal_error": "bukan salah satu pilihan: {}",
    "union_tag_invalid": "bukan salah satu pilihan",
    "union_tag_not_found": "jenisnya wajib disebut",
    "bool_type": "harus ya (true) atau tidak (false)",
    "bool_parsing": "harus ya (true) atau tidak (false)",
    "int_type": "harus bilangan bulat",
    "int_parsing": "harus bilangan bulat",
    "int_parsing_size": "bilangannya terlalu besar",
    "int_from_float": "harus bilangan bulat",
    "float_type": "harus bilangan",
    "float_parsing": "harus bilangan",
    "decimal_type": "harus bilangan",
    "decimal_parsing": "harus bilangan",
    "decimal_max_digits": "terlalu banyak angka: paling banyak {}",
    "decimal_max_places": "terlalu banyak angka desimal: paling banyak {}",
    "decimal_whole_digits": "terlalu banyak angka di depan koma: paling banyak {}",
    "finite_number": "harus bilangan terhingga",
    "multiple_of": "harus kelipatan {}",
    "greater_than": "terlalu kecil: harus lebih dari {}",
    "greater_than_equal": "terlalu kecil: paling kecil {}",
    "less_than": "terlalu besar: harus kurang dari {}",
    "less_than_equal": "terlalu besar: paling besar {}",
    "date_type": "harus tanggal TTTT-BB-HH",
    "date_parsing": "harus tanggal TTTT-BB-HH",
    "date_from_datetime_parsing": "harus tanggal TTTT-BB-HH",
    "date_from_datetime_inexact": "harus tanggal tanpa jam",
    "date_past": "harus tanggal yang sudah lewat",
    "date_future": "harus tanggal yang akan datang",
    "time_type": "harus jam JJ:MM",
    "time_parsing": "harus jam JJ:MM, tanpa zona waktu",
    "datetime_type": "harus tanggal dan jam menurut RFC 3339",
    "datetime_parsing": "harus tanggal dan jam menurut RFC 3339, tahun 2000 sampai 2199",
    "datetime_object_invalid": "harus tanggal dan jam menurut RFC 3339",
    "datetime_from_date_parsing": "harus tanggal dan jam menurut RFC 3339",
    "datetime_past": "harus saat yang sudah lewat",
    "datetime_future": "harus saat yang akan datang",
    "timezone_naive": "tidak boleh menyebut zona waktu",
    "timezone_aware": "harus menyebut zona waktu",
    "timezone_offset": "zona waktunya tidak sesuai",
    "time_delta_type": "harus lamanya waktu",
    "time_delta_parsing": "harus lamanya waktu",
    "url_type": "harus alamat web",
    "url_parsing": "harus alamat web",
    "url_syntax_violation": "harus alamat web",
    "url_too_long": "alamatnya terlalu panjang: paling banyak {}",
    "url_scheme": "alamat web jenis ini tidak diterima",
    "uuid_type": "harus UUID",
    "uuid_parsing": "harus UUID",
    "uuid_version": "UUID versi ini tidak diterima",
    "value_error": "tidak memenuhi ketentuan",
    "assertion_error": "tidak memenuhi ketentuan",
}
"""By the library's name of the reason. `{}` stands for the limit or the choices that its sentence names."""

_FOUND_BY = {"enum": r"should be (.+)", "literal_error": r"should be (.+)"}
_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?)"


def reason(kind: str, english: str, language: str) -> str:
    """Why a value is not taken. Where the library's sentence names a limit or choices, so does ours."""
    if language != "id":
        return english
    sentence = FIELD_REASONS.get(kind, "tidak sah")
    if "{}" not in sentence:
        return sentence
    found = re.search(_FOUND_BY.get(kind, _NUMBER), english)
    if found is None:
        return sentence.partition(":")[0]
    return sentence.format(found[1].replace(" or ", " atau "))
