from django.urls import path

from partners.people import helping_views, invitation_views, second_factor_views, views

app_name = "people"

urlpatterns = [
    path("partner-in-view/", views.look_at, name="look_at"),
    path("invitation/", invitation_views.invitation, name="invitation"),
    path("invitation/<str:token>/", invitation_views.invitation_link, name="invitation_link"),
    path("reset/", views.reset_ask, name="reset_ask"),
    path("reset/asked/", views.reset_asked, name="reset_asked"),
    path("reset/done/", views.reset_done, name="reset_done"),
    path("reset/<str:uidb64>/<str:token>/", views.ResetLink.as_view(), name="reset_link"),
    path("second-factor/", second_factor_views.second_factor, name="second_factor"),
    path("second-factor/set-up/", second_factor_views.set_up, name="set_up"),
    path("second-factor/qr.svg", second_factor_views.qr_code, name="qr_code"),
    path("second-factor/verify/", second_factor_views.verify, name="verify"),
    path("second-factor/remove/", second_factor_views.remove, name="remove_second_factor"),
    path("members/<int:member_id>/reset-link/", helping_views.member_reset_link, name="member_reset_link"),
    path(
        "members/<int:member_id>/second-factor/",
        helping_views.member_remove_second_factor,
        name="member_remove_second_factor",
    ),
    path("people/<int:user_id>/reset-link/", helping_views.person_reset_link, name="person_reset_link"),
    path(
        "people/<int:user_id>/second-factor/",
        helping_views.person_remove_second_factor,
        name="person_remove_second_factor",
    ),
]
