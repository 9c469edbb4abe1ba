"""The addresses of the platform."""

from django.urls import include, path

from xinzhi.campaign.access.views import sign_device_out, sign_others_out
from xinzhi.campaign.campaigns.views import campaign_new
from xinzhi.campaign.people.views import account, close_account, hand_over, join
from xinzhi.campaign.publications.urls import everybody
from xinzhi.site import views
from xinzhi.site.accounts import ConfirmedAddress
from xinzhi.site.api import api
from xinzhi.site.elsewhere import begin_elsewhere

handler400 = "xinzhi.site.views.bad_request"
handler429 = "xinzhi.site.views.too_many"
handler404 = "xinzhi.site.views.not_found"
handler500 = "xinzhi.site.views.failed"

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("metrics", views.metrics, name="metrics"),
    path("language/<str:code>/", views.language, name="language"),
    path("rehearsal/", views.rehearsal, name="rehearsal"),
    path("accounts/sessions/", views.devices, name="usersessions_list"),  # the account page lists them
    path("accounts/confirm-email/<str:key>/", ConfirmedAddress.as_view(), name="account_confirm_email"),
    path("accounts/oidc/", include([path("office/login/", begin_elsewhere, name="openid_connect_begin")])),
    path("accounts/", include("allauth.urls")),
    path("account/", account, name="account"),
    path("account/close/", close_account, name="account_close"),
    path("account/devices/end-others/", sign_others_out, name="devices_end_others"),
    path("account/devices/<int:id>/end/", sign_device_out, name="device_end"),
    path("account/roles/<int:id>/hand-over/", hand_over, name="hand_over"),
    path("tokens/", include("xinzhi.campaign.access.urls")),
    path("api/v1/", api.urls),
    path("join/", join, name="join"),
    path("join/<str:code>/", join, name="join_code"),
    path("campaigns/new/", campaign_new, name="campaign_new"),
    path("c/<slug:slug>/", include("xinzhi.campaign.campaigns.urls")),
    path("c/<slug:slug>/people/", include("xinzhi.campaign.people.urls")),
    path("c/<slug:slug>/file/", include("xinzhi.campaign.returns.urls")),
    path("c/<slug:slug>/check/", include("xinzhi.campaign.checking.urls")),
    path("c/<slug:slug>/inbox/", include("xinzhi.campaign.inbox.urls")),
    path("c/<slug:slug>/opinion/", include("xinzhi.campaign.opinion.urls")),
    path("c/<slug:slug>/review/", include("xinzhi.campaign.review.urls")),
    path("c/<slug:slug>/results/", include("xinzhi.campaign.results.urls")),
    path("c/<slug:slug>/publish/", include("xinzhi.campaign.publications.urls")),
    path("p/<slug:slug>/", include(everybody)),
]
