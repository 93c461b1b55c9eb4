"""What savings says to people."""

from shared.kit.wording import Catalogue

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
    "own-unit-only": (
        "Anda dapat melihat angka unit Anda sendiri saja.",
        "You can see the figures of your own unit only.",
    ),
}
