"""What savings says to people."""

from shared.kit.base.messages import Catalogue

WORDING: Catalogue = {
    "factor-set-published": (
        "Faktor {factor_set_id} sudah terbit; terbitkan kumpulan baru.",
        "Factor set {factor_set_id} is published already; publish a new one.",
    ),
    "range-order": (
        "Nilai rendah, tengah dan tinggi harus berurutan.",
        "Low, central and high must be in this order.",
    ),
    "vehicle-twice": ("Ada kendaraan yang disebut dua kali.", "A vehicle is named twice."),
    "budget-line-twice": ("Ada kategori dengan dua kode rekening.", "A category has two budget lines."),
    "budget-line-missing": (
        "Kategori {category} dihitung untuk APBD: sebutkan kode rekeningnya.",
        "The category {category} is counted to the regional budget: state its budget line.",
    ),
    "price-twice": (
        "Bahan bakar ini sudah punya harga pada tanggal yang sama.",
        "This fuel has a price of the same day already.",
    ),
    "tariff-twice": (
        "Golongan tarif ini sudah punya tarif pada tanggal yang sama.",
        "This tariff class has a tariff of the same day already.",
    ),
    "allowance-twice": (
        "Golongan ini sudah punya uang makan pada tanggal yang sama.",
        "This grade has a meal allowance of the same day already.",
    ),
    "same-day": (
        "Tanggal itu sudah punya kumpulan faktor ({factor_set_id}); sebutkan yang berlaku pada corrects untuk "
        "menggantikannya.",
        "That day has a factor set already ({factor_set_id}); name the one that stands in corrects to take its place.",
    ),
    "corrects-unknown": (
        "Kumpulan faktor {factor_set_id} tidak ada.",
        "There is no factor set {factor_set_id}.",
    ),
    "corrects-other-day": (
        "Koreksi berlaku sejak tanggal yang sama dengan yang dikoreksi: {value}.",
        "A correction is in force from the same day as what it corrects: {value}.",
    ),
    "corrects-corrected": (
        "Kumpulan faktor {factor_set_id} sudah dikoreksi; sebutkan yang sekarang berlaku.",
        "Factor set {factor_set_id} has been corrected already; name the one that stands now.",
    ),
    "range-fuel": (
        "Rendah dan tinggi: persentil dari simulasi kumpulan faktor (rebound dan konsumsi diundi bersama); harga tanpa "
        "rentang. Tengah: nilai baku, bukan median.",
        "Low and high: percentiles of the factor set's simulation (rebound and consumption drawn together); prices "
        "have no range. Central: the stated default, not the median.",
    ),
    "range-home-electricity": (
        "Rendah dan tinggi: ujung semua faktor digabungkan (terburuk dengan terburuk); tarif tanpa rentang.",
        "Low and high: the ends of all factors together (worst with worst); the tariff has no range.",
    ),
    "range-office-electricity": (
        "Rendah dan tinggi: ujung bagian yang dimatikan (terburuk dengan terburuk); beban per orang dan tarif tanpa "
        "rentang.",
        "Low and high: the ends of the part switched off (worst with worst); the load per head and the tariff have no "
        "range.",
    ),
    "range-meals": ("Uang makan tanpa rentang.", "A meal allowance has no range."),
    "range-co2e": (
        "Rendah dan tinggi: ujung semua faktor digabungkan (terburuk dengan terburuk), dengan rentang bahan bakar dari "
        "simulasi.",
        "Low and high: the ends of all factors together (worst with worst), with fuel's range from the simulation.",
    ),
    "own-unit-only": (
        "Anda dapat melihat angka unit Anda sendiri saja.",
        "You can see the figures of your own unit only.",
    ),
}
