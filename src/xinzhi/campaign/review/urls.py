"""The addresses of this part, under those of a campaign."""

from django.urls import path

from xinzhi.campaign.review import views

urlpatterns = [
    path("", views.home, name="review_home"),
    path("screen/<uuid:pk>/", views.screen, name="review_screen"),
    path("cases/<int:number>/", views.case, name="review_case"),
    path("cases/<int:number>/blind/", views.blind, name="review_blind"),
    path("cases/<int:number>/consent/", views.consent, name="review_consent"),
    path("rubric/", views.rubric, name="review_rubric"),
    path("assign/", views.assign, name="review_assign"),
    path("results/", views.results, name="review_results"),
    path("letters/", views.letters, name="review_letters"),
    path("tell/", views.tell, name="review_tell"),
    path("likeness/", views.likeness, name="review_likeness"),
    path("likeness/<int:pk>/", views.pair, name="review_pair"),
    path("score/<uuid:pk>/", views.score, name="review_score"),
    path("picture/<uuid:pk>/", views.picture, name="review_picture"),
]
