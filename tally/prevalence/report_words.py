"""Headings and column names of a report, in English and Turkish."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "How many people nobody has seen",
        "subtitle": "Multiple systems estimation from {lists} lists, {observed} people observed",
        "publish": "Publish",
        "publish as a range": "Publish as a range only",
        "refuse": "Do not publish a figure",
        "headline": "{estimate} people in all, seen and unseen ({level} % interval {low} to {high}), by the "
        "method {method}.",
        "headline range": "Between {low} and {high} people in all, seen and unseen.",
        "headline refuse": "These lists do not carry a single figure. What follows shows why.",
        "why": "Why",
        "assumption": "What it assumes",
        "overlap": "Who is on which lists",
        "overlap note": (
            "Each row is a combination of lists; a black dot means that its people are on that list. Everything "
            "below is "
            "inferred from the rows with two dots or more."
        ),
        "overlap rest": "The picture shows the {shown} largest of {all} combinations; the table has them all.",
        "matrix": "People on both lists; on the diagonal, people on the list",
        "estimates": "Estimates by method",
        "estimates note": (
            "Diamond: estimate. Bar: interval. Dashed line: people observed. A limit that rests on fewer than "
            "ten resampled "
            "tables is not shown as a number."
        ),
        "thresholds": "If the threshold were another",
        "thresholds note": "Stepwise selection lets a dependence in when its p-value is below the threshold.",
        "choices": "If the lists were others",
        "choices note": "Dashed line: the estimate with all lists.",
        "bias": "If a hidden tie existed",
        "bias note": (
            "No data can show a tie among all lists together. If there is one, the number of unseen people is "
            "multiplied "
            "by the factor on the axis. Band: interval."
        ),
        "fit": "How the models fit",
        "fit note": (
            "Existence 0: the estimate exists and is unique. Fit: share of tables drawn from the model that fit "
            "it worse. "
            "Profile and Wald limits take the model as known and are too narrow."
        ),
        "made": "How this was made",
        "made note": (
            "tally.prevalence {version}, seed {seed}; {replicates} resampled tables for the recommended method, "
            "the model "
            "chosen anew in each; {empty} % of them had an empty list. The same seed gives the same figures."
        ),
        "strata": "By {by}",
        "strata note": (
            "Thin strata lean on the others; 'own evidence' says how little. The total is the sum of the strata. "
            "Ignoring the strata gives {unstratified}."
        ),
        "stratum": "stratum",
        "own evidence": "own evidence",
        "total": "total",
        "terms by method": "Dependences let in by each method",
        "method": "method",
        "recommended": "recommended",
        "estimate": "estimate",
        "unseen": "unseen",
        "lower limit": "lower limit",
        "upper limit": "upper limit",
        "error": "simulation error",
        "terms": "dependences",
        "people": "people",
        "people (log scale)": "people (logarithmic)",
        "history": "lists",
        "threshold": "p-value threshold",
        "factor": "factor on the number of unseen people",
        "choice": "change",
        "left out": "list left out",
        "merged": "lists merged",
        "existence": "existence",
        "deviance": "deviance (df)",
        "p_value": "fit",
        "profile": "profile limits",
        "wald": "Wald limits",
        "bic": "BIC",
        "not resolved": "not resolved",
        "below": "below {number}",
        "above": "above {number}",
        "none": "none",
        "independence": "independence",
        "stepwise": "stepwise",
        "bic method": "lowest BIC",
        "graphical": "average over graphs",
        "latent": "latent classes",
    },
    "tr": {
        "title": "Kimsenin görmediği kaç kişi var",
        "subtitle": "{lists} listeden çoklu sistem tahmini, gözlenen {observed} kişi",
        "publish": "Yayımlanabilir",
        "publish as a range": "Yalnızca aralık olarak yayımlanabilir",
        "refuse": "Sayı yayımlanmamalı",
        "headline": "Görülen ve görülmeyen toplam {estimate} kişi (yüzde {level} aralık: {low}–{high}); yöntem: "
        "{method}.",
        "headline range": "Görülen ve görülmeyen toplam {low} ile {high} arasında kişi.",
        "headline refuse": "Bu listeler tek bir sayıyı taşımıyor. Aşağıda nedeni gösteriliyor.",
        "why": "Neden",
        "assumption": "Neyi varsayıyor",
        "overlap": "Kim hangi listelerde",
        "overlap note": (
            "Her satır bir liste bileşimidir; siyah nokta, o satırdakilerin o listede bulunduğunu gösterir. "
            "Aşağıdaki her "
            "şey iki ya da daha çok noktalı satırlardan çıkarılır."
        ),
        "overlap rest": "Şekil {all} bileşimin en büyük {shown} tanesini gösterir; tablo hepsini içerir.",
        "matrix": "Her iki listede bulunan kişiler; köşegende listedeki kişi sayısı",
        "estimates": "Yöntemlere göre tahminler",
        "estimates note": (
            "Baklava: tahmin. Çubuk: aralık. Kesikli çizgi: gözlenen kişiler. Ondan az yeniden örneklemeye "
            "dayanan sınır "
            "sayı olarak verilmez."
        ),
        "thresholds": "Eşik başka olsaydı",
        "thresholds note": "Adımsal seçim, p değeri eşiğin altında kalan bağımlılığı modele alır.",
        "choices": "Listeler başka olsaydı",
        "choices note": "Kesikli çizgi: bütün listelerle tahmin.",
        "bias": "Gizli bir bağ olsaydı",
        "bias note": (
            "Bütün listeler arasındaki ortak bir bağı hiçbir veri gösteremez. Böyle bir bağ varsa "
            "görülmeyenlerin sayısı "
            "eksendeki katsayıyla çarpılır. Kuşak: aralık."
        ),
        "fit": "Modeller ne kadar uyuyor",
        "fit note": (
            "Varlık 0: tahmin vardır ve tektir. Uyum: modelden çekilip daha kötü uyan tabloların payı. Profil ve Wald "
            "sınırları modeli bilinmiş sayar, fazla dardır."
        ),
        "made": "Nasıl yapıldı",
        "made note": (
            "tally.prevalence {version}, tohum {seed}; önerilen yöntem için {replicates} yeniden örnekleme, her "
            "birinde "
            "model yeniden seçildi; yüzde {empty} kadarında bir liste boştu. Aynı tohum aynı sayıları verir."
        ),
        "strata": "{by} kırılımı",
        "strata note": (
            "İnce tabakalar diğerlerine yaslanır; 'kendi kanıtı' ne kadar az olduğunu söyler. Toplam, tabakaların "
            "toplamıdır. Tabakalar yok sayılırsa {unstratified}."
        ),
        "stratum": "tabaka",
        "own evidence": "kendi kanıtı",
        "total": "toplam",
        "terms by method": "Her yöntemin aldığı bağımlılıklar",
        "method": "yöntem",
        "recommended": "önerilen",
        "estimate": "tahmin",
        "unseen": "görülmeyen",
        "lower limit": "alt sınır",
        "upper limit": "üst sınır",
        "error": "benzetim hatası",
        "terms": "bağımlılıklar",
        "people": "kişi",
        "people (log scale)": "kişi (logaritmik)",
        "history": "listeler",
        "threshold": "p değeri eşiği",
        "factor": "görülmeyenlerin sayısına katsayı",
        "choice": "değişiklik",
        "left out": "çıkarılan liste",
        "merged": "birleştirilen listeler",
        "existence": "varlık",
        "deviance": "sapma (sd)",
        "p_value": "uyum",
        "profile": "profil sınırları",
        "wald": "Wald sınırları",
        "bic": "BIC",
        "not resolved": "belirlenemedi",
        "below": "{number} altında",
        "above": "{number} üstünde",
        "none": "yok",
        "independence": "bağımsızlık",
        "stepwise": "adımsal",
        "bic method": "en düşük BIC",
        "graphical": "çizge ortalaması",
        "latent": "örtük sınıflar",
    },
}
