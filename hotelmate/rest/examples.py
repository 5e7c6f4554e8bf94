"""What answers look like, for the documentation; a test holds each to its type.

FastAPI leaves out of the published examples what is null.
"""

LOGGED_IN = {
    "token": "a-token-that-is-shown-once",
    "expires_at": "2025-12-22T14:30:00+00:00",
    "staff_id": 1,
    "user_id": 1,
    "hotel_slug": "killarney",
}

CLOCKED = {"success": True, "is_on_duty": True, "clock_time": "2025-11-22T14:30:00+00:00"}

OFFER = {
    "id": 1,
    "title": "Two nights, one dinner",
    "short_description": "Stay two nights and dine with us on one of them.",
    "details_text": "",
    "details_html": "",
    "valid_from": "2026-05-01",
    "valid_to": "2026-08-31",
    "tag": "Popular",
    "book_now_url": "https://killarney.example/book",
    "photo": "https://pictures.example/dinner.jpg",
    "photo_url": "https://pictures.example/dinner.jpg",
    "sort_order": 0,
    "is_active": True,
    "created_at": "2025-11-22T14:30:00+00:00",
}

PUBLIC_SETTINGS = {
    "hero_image": "https://pictures.example/killarney/hero.jpg",
    "hero_image_display": "https://pictures.example/killarney/hero.jpg",
    "landing_page_image": "https://pictures.example/killarney/landing.jpg",
    "logo": "https://pictures.example/killarney/logo.png",
    "tagline": "Between the lakes and the mountains",
    "short_description": "Hotel Killarney is a family-run hotel.",
    "long_description": "",
    "welcome_message": "Céad míle fáilte!",
    "amenities": ["Free WiFi", "Breakfast"],
    "contact_email": "hello@killarney.example",
    "contact_phone": "+353 1 555 0100",
    "contact_address": "Muckross Road, Killarney, Co. Kerry",
    "website": "https://killarney.example",
    "theme": {
        "mode": "LIGHT",
        "primary_color": "#1F4E5F",
        "secondary_color": "#79A8A9",
        "accent_color": "#F4A261",
        "background_color": "#FFFFFF",
        "text_color": "#1A1A1A",
        "button_color": "#1F4E5F",
        "link_color": "#1F6F8B",
    },
    "updated_at": "2025-11-22T14:30:00+00:00",
}

GALLERY = ["https://pictures.example/killarney/lobby.jpg", "https://pictures.example/killarney/garden.jpg"]

GALLERY_CHANGED = {"message": "Gallery reordered successfully", "gallery": GALLERY}

UPLOADED_IMAGE = {
    "url": "https://pictures.example/killarney/lobby.jpg",
    "public_id": "killarney/lobby",
    "message": "Image uploaded successfully",
}

UPLOADED_PHOTO = {
    "message": "Image uploaded successfully",
    "photo_url": "https://pictures.example/dinner.jpg",
}

ROOM_TYPE = {
    "id": 1,
    "code": "standard",
    "name": "Standard Double",
    "short_description": "A quiet double room.",
    "max_occupancy": 2,
    "photo_url": "https://pictures.example/killarney/standard.jpg",
    "sort_order": 0,
}

HOTEL = {"id": 1, "slug": "killarney", "name": "Hotel Killarney"}

BOOKING = {
    "id": "BK-2025-0002",
    "status": "CHECKED_IN",
    "hotel": HOTEL,
    "room_type": {"id": 1, "code": "standard", "name": "Standard Double"},
    "room": {"id": 2, "number": "102"},
    "guest_name": "Maeve Connacht",
    "guest_email": "maeve@guests.example",
    "guest_phone": "",
    "arrival": "2025-11-22",
    "departure": "2025-11-25",
    "nights": 3,
    "adults": 2,
    "children": 0,
    "special_requests": "",
    "room_assigned_at": "2025-11-21T09:00:00+00:00",
    "checked_in_at": "2025-11-22T14:30:00+00:00",
    "checked_out_at": None,
    "cancelled_at": None,
    "created_at": "2025-10-01T12:00:00+00:00",
    "wifi": {"name": "Hotel Killarney Guests", "password": "welcome-to-killarney"},
    "cursor": "ODY4ZTk1N2Y6NDI",
}

PUBLIC_PAGE = {
    "hotel": HOTEL,
    "settings": PUBLIC_SETTINGS,
    "gallery": GALLERY,
    "room_types": [ROOM_TYPE],
    "offers": [OFFER],
    "cursor": "ODY4ZTk1N2Y6NDI",
}
